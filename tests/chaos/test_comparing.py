"""The comparison finds each fault that is planted: what it calls exact is exact."""

from tests.chaos.chance import chance
from tests.chaos.comparing import Difference, compared

RECORDED = range(1, 101)


def test_a_client_that_was_told_everything_once_and_in_order_differs_in_nothing() -> None:
    assert not compared(range(1, 101), RECORDED, after=0)
    assert not compared(range(41, 101), RECORDED, after=40)
    assert not compared([], RECORDED, after=100)


def test_each_missing_event_is_found_wherever_it_was() -> None:
    for gone in ([1], [100], [50], [7, 8, 9]):
        received = [number for number in RECORDED if number not in gone]
        assert compared(received, RECORDED, after=0) == Difference(missing=len(gone))
    assert compared([], RECORDED, after=0) == Difference(missing=100)


def test_each_repeated_event_is_found_whether_at_once_or_much_later() -> None:
    assert compared([*range(1, 51), 50, *range(51, 101)], RECORDED, after=0) == Difference(repeated=1)
    # A client that resumes one too early is told a stretch again; that is no disorder.
    assert compared([*range(1, 61), *range(51, 101)], RECORDED, after=0) == Difference(repeated=10)
    assert compared([*RECORDED, 1, 1], RECORDED, after=0) == Difference(repeated=2)


def test_each_inversion_is_found() -> None:
    assert compared([1, 3, 2, *range(4, 101)], RECORDED, after=0) == Difference(reordered=1)
    assert compared([*range(51, 101), *range(1, 51)], RECORDED, after=0) == Difference(reordered=1)
    assert compared(range(100, 0, -1), RECORDED, after=0) == Difference(reordered=99)


def test_what_was_told_and_never_recorded_is_found() -> None:
    assert compared([*RECORDED, 101], RECORDED, after=0) == Difference(invented=1)
    assert compared(range(40, 101), RECORDED, after=40) == Difference(invented=1)


def test_faults_of_all_kinds_are_told_apart() -> None:
    luck = chance(7, "planted")
    for _ in range(200):
        received = list(RECORDED)
        gone = luck.sample(received, luck.randrange(1, 10))
        received = [number for number in received if number not in gone]
        again = luck.sample(received[:-1], luck.randrange(1, 10))
        # At the end, so that it disturbs no order.
        assert compared(received + again, RECORDED, after=0) == Difference(
            missing=len(gone), repeated=len(again)
        )
        place = luck.randrange(len(received) - 1)
        received[place : place + 2] = reversed(received[place : place + 2])
        assert compared(received, RECORDED, after=0) == Difference(missing=len(gone), reordered=1)


def test_the_differences_of_all_clients_add_up() -> None:
    first, second = Difference(missing=1, invented=2), Difference(repeated=3, reordered=4)
    assert sum((first, second), Difference()) == Difference(1, 3, 4, 2)
