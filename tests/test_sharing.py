"""What `make test` hands to its processes: all tests, each once, and those that start servers to one process only."""

from tests.sharing import units_of

COLLECTED = [
    "tests/schema/test_ids.py::test_a",
    "tests/schema/test_ids.py::test_b[x::y]",
    "tests/live/test_worker.py::test_c",
    "tests/matrix/test_matrix.py::test_d",
    "tests/chaos/test_short.py::test_e",
    # pytest-django puts tests that commit behind all others.
    "tests/schema/test_ids.py::test_f",
    "tests/matrix/test_whole.py::test_g",
]


def test_a_file_is_a_unit_and_those_who_start_servers_are_one_together():
    assert units_of(COLLECTED) == [
        *("tests/schema/test_ids.py 1", "tests/schema/test_ids.py 1"),
        *("servers", "matrix", "servers"),
        *("tests/schema/test_ids.py 5", "matrix"),
    ]
