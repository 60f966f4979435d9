"""What is made of the figures; nothing is timed here."""

from tests.bench.datasets.publishing import Publication
from tests.bench.datasets.report import median, misses

KEPT = Publication(seconds=60.0, cpu_seconds=5.0, database_seconds=1.0, megabytes=200.0)
TABLE = {"rows": 3} | {f"{ending}_rows": 3 for ending in ("csv", "jsonl", "parquet")}


def test_what_was_promised_and_not_kept_is_said():
    assert misses(KEPT, {"tags": TABLE}) == []
    broken = Publication(seconds=61.0, cpu_seconds=5.0, database_seconds=1.0, megabytes=201.0)
    assert misses(broken, {"tags": TABLE | {"csv_rows": 2}}) == [
        "it took 61.0 s, promised 60",
        "it held 201 MB, promised 200",
        "tags: a reader of csv found 2 rows of 3",
    ]


def test_of_seconds_the_median_counts_and_of_memory_the_most():
    others = [Publication(seconds, 5.0, 1.0, megabytes) for seconds, megabytes in ((1.0, 10.0), (2.0, 300.0))]
    assert median([KEPT, *others]) == Publication(2.0, 5.0, 1.0, 300.0)
