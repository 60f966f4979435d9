"""Counts are exact over all processes while Redis answers; without it each counts alone, and halves."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schema.tallies import PATIENCE, Away, Counted, OwnTallies, Tallies
from tests.realtime.own_redis import OwnRedis

TEN = {"most": 10, "pace": 5}


@pytest.fixture
def counts() -> Tallies:
    return fresh()


def fresh() -> Tallies:
    return Tallies(settings.REDIS_URL, f"acequia:test:{uuid.uuid4().hex}:")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.stop()


def test_a_bucket_is_full_at_first_and_gives_no_more_than_it_has(counts: Tallies):
    assert counts.take("ana", **TEN, wanted=4, least=4)[:2] == (4, 6)
    taken, left, wait = counts.take("ana", **TEN, wanted=8, least=1)
    assert (taken, round(left), wait) == (pytest.approx(6, abs=0.5), 0, 0)
    refused = counts.take("ana", **TEN, wanted=5, least=5)
    assert refused.taken == 0 and 0.5 < refused.wait <= 1
    assert counts.take("bo", **TEN, wanted=10, least=10).taken == 10


def test_it_fills_again_at_its_pace(counts: Tallies):
    counts.take("ana", **TEN, wanted=10, least=10)
    time.sleep(0.45)
    assert counts.take("ana", **TEN, wanted=2, least=2).taken == 2
    assert counts.take("ana", **TEN, wanted=2, least=2).taken == 0


def test_what_costs_more_than_anybody_has_is_a_debt(counts: Tallies):
    assert counts.take("ana", **TEN, wanted=15, least=15)[:2] == (15, -5)
    refused = counts.take("ana", **TEN, wanted=1, least=1)
    assert refused.taken == 0 and 1 < refused.wait <= 1.2


def test_so_many_are_counted_in_so_many_seconds_and_no_more(counts: Tallies):
    three = [Counted("ana", 3, 1)]
    assert [counts.count(three) for _ in range(3)] == [0, 0, 0]
    assert 0.5 < counts.count(three) <= 1
    time.sleep(1.05)
    assert counts.count(three) == 0


def test_where_one_of_two_has_no_room_neither_counts(counts: Tallies):
    account, network = Counted("account", 1, 60), Counted("network", 5, 60)
    assert counts.count([account, network]) == 0
    for _ in range(9):
        assert counts.count([account, network]) > 50
    assert [counts.count([network]) > 0 for _ in range(5)] == [False] * 4 + [True]


def test_what_is_forced_counts_even_where_there_is_no_room(counts: Tallies):
    network = [Counted("network", 50, 60)]
    assert counts.count(network, 500, forced=True) == 0
    assert counts.count(network) > 50


def test_many_at_once_get_exactly_what_there_is(counts: Tallies):
    counted: list[float] = []
    others = [fresh_of(counts) for _ in range(8)]
    start = threading.Barrier(8)

    def act(mine: Tallies) -> None:
        start.wait()
        for _ in range(25):
            counted.append(mine.count([Counted("ana", 10, 60)]))

    threads = [threading.Thread(target=act, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counted), counted.count(0.0)) == (200, 10)


def fresh_of(counts: Tallies) -> Tallies:
    """As another process of the same house has it."""
    return Tallies(settings.REDIS_URL, counts._prefix)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=1, max_size=12))
@hypothesis_settings(max_examples=40)
def test_a_process_alone_gives_half_and_otherwise_the_same(asked: list[tuple[int, int]]):
    both, alone = fresh(), OwnTallies()
    for wanted, at_least in asked:
        least = min(wanted, at_least)
        # So slow a pace that nothing comes back meanwhile.
        ours = both.take("ana", most=40, pace=0.001, wanted=wanted, least=least)
        theirs = alone.take("ana", most=80, pace=0.002, wanted=wanted, least=least)
        assert theirs.taken == pytest.approx(ours.taken, abs=0.05)
        assert bool(theirs.wait) is bool(ours.wait)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=20))
@hypothesis_settings(max_examples=40)
def test_a_process_alone_counts_half_and_otherwise_the_same(asked: list[tuple[int, bool]]):
    both, alone = fresh(), OwnTallies()
    for times, forced in asked:
        ours = both.count([Counted("ana", 6, 60)], times, forced=forced)
        theirs = alone.count([Counted("ana", 12, 60)], times, forced=forced)
        assert bool(theirs) is bool(ours)


def test_a_process_alone_is_given_half():
    alone = OwnTallies()
    assert alone.take("ana", **TEN, wanted=9, least=1)[:2] == (5, 0)
    assert [alone.count([Counted("ana", 6, 60)]) > 0 for _ in range(4)] == [False] * 3 + [True]


def test_a_redis_that_is_gone_is_noticed_at_once_and_asked_again_a_second_later(own_redis: OwnRedis):
    counts = Tallies(own_redis.url)
    assert counts.count([Counted("ana", 3, 60)]) == 0
    own_redis.stop()
    with pytest.raises(Away):
        counts.count([Counted("ana", 3, 60)])
    own_redis.start()
    with pytest.raises(Away):
        counts.count([Counted("ana", 3, 60)])
    time.sleep(1.05)
    assert counts.count([Counted("ana", 3, 60)]) == 0


def test_a_redis_that_stalls_costs_one_who_asks_a_moment_and_the_others_nothing(own_redis: OwnRedis):
    counts = Tallies(own_redis.url)
    counts.count([Counted("ana", 9, 60)])
    own_redis.stall()
    try:
        began = time.monotonic()
        with pytest.raises(Away):
            counts.count([Counted("ana", 9, 60)])
        assert time.monotonic() - began < PATIENCE * 4
        began = time.monotonic()
        for _ in range(1_000):
            with pytest.raises(Away):
                counts.take("ana", **TEN, wanted=1, least=1)
        assert time.monotonic() - began < PATIENCE
    finally:
        own_redis.go_on()


def test_nothing_that_is_counted_stays_for_ever(counts: Tallies):
    counts.take("ana", **TEN, wanted=5, least=5)
    counts.count([Counted("bo", 3, 60)])
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        kept = {key: client.ttl(key) for key in client.scan_iter(f"{counts._prefix}*")}
    assert len(kept) == 2 and all(0 < seconds <= 60 for seconds in kept.values())
