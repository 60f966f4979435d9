"""Answers that are kept: made once for all who ask at once, and never one that does not hold."""

import threading
import time

import pytest
from django.conf import settings
from django.test import override_settings

from backend.projects.models import Project
from schema.opendata import answers as module
from schema.opendata import running
from schema.opendata.answers import Answers, answers, key_of
from schema.opendata.running import VERSION, reader
from tests.oracle.worlds import World
from tests.realtime.own_redis import OwnRedis
from tests.schema.opendata.asking import ask, data, forget, post, statements

PROJECTS = "{ projects(first: 5) { edges { node { title } } } }"


def at_once(store: Answers | list[Answers], make, count: int) -> list[bytes | None]:
    """What so many get who ask at the same moment."""
    came: list[bytes | None] = [None] * count
    start = threading.Barrier(count)

    def run(place: int) -> None:
        mine = store[place % len(store)] if isinstance(store, list) else store
        start.wait()
        came[place] = mine.get("k", make)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    return came


class Maker:
    """Makes an answer, slowly, and counts how often."""

    def __init__(self, seconds: float, answer: bytes | None = b"1") -> None:
        self.seconds, self.answer, self.made = seconds, answer, 0
        self._lock = threading.Lock()

    def __call__(self) -> bytes | None:
        with self._lock:
            self.made += 1
        time.sleep(self.seconds)
        return self.answer


def store() -> Answers:
    return Answers(settings.REDIS_URL)


@pytest.mark.parametrize("processes", [1, 4])
def test_of_all_who_ask_at_once_one_makes_the_answer(processes: int):
    """Each `Answers` knows nothing of the others, as each process; Redis is all that they share."""
    maker = Maker(0.2)
    assert at_once([store() for _ in range(processes)], maker, 24) == [b"1"] * 24
    assert maker.made == 1


def test_whoever_has_waited_long_enough_makes_their_own(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.1)
    maker = Maker(0.6)
    assert at_once([store(), store(), store()], maker, 3) == [b"1"] * 3
    assert 1 < maker.made <= 3


def test_one_that_fails_is_made_by_each_and_kept_for_nobody():
    maker = Maker(0.05, None)
    assert at_once(store(), maker, 4) == [None] * 4
    assert maker.made == 4
    good = Maker(0)
    assert store().get("k", good) == b"1"


def test_one_that_raises_leaves_nobody_waiting():
    def bad() -> bytes:
        raise ZeroDivisionError

    mine, begin = store(), time.monotonic()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            mine.get("k", bad)
    assert mine.get("k", Maker(0)) == b"1"
    assert time.monotonic() - begin < 1 and not mine._flights


def test_what_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 10)
    for answer, made in ((b"x" * 10, 1), (b"x" * 11, 2)):
        forget()
        maker = Maker(0, answer)
        assert [store().get("k", maker) for _ in range(2)] == [answer] * 2
        assert maker.made == made


def test_without_redis_every_process_makes_its_own(tmp_path):
    own = OwnRedis(tmp_path)
    own.start()
    mine = Answers(own.url)
    try:
        for away in (own.stall, own.stop):
            away()
            maker = Maker(0.1)
            assert at_once(mine, maker, 8) == [b"1"] * 8
            assert maker.made == 1
            begin = time.monotonic()
            assert mine.get("k", Maker(0)) == b"1"
            assert time.monotonic() - begin < 0.5
    finally:
        own.stop()


def test_what_is_asked_again_takes_no_statement(world: World):
    first = ask(PROJECTS)
    with statements() as said:
        assert ask(PROJECTS) == first
        # Written in another way it is the same.
        assert ask("# again\nquery { projects( first : 5 ) {edges{node{title}}} }") != {}
        assert ask("query { projects( first : 5 ) {edges{node{title}}} }") == first
    assert said == []
    # What has changed is told when it is forgotten: after a minute.
    row = Project.objects.visible_to(None).order_by("-launched_at", "-pk").first()
    title = row.title
    Project.objects.filter(pk=row.pk).update(title="Anew")
    assert ask(PROJECTS) == first
    forget()
    assert ask(PROJECTS) != first
    Project.objects.filter(pk=row.pk).update(title=title)


def key(document: str, **variables: object) -> str:
    prepared = reader.prepare(document, variables, None)
    return key_of(prepared.operation, variables, VERSION)


def test_what_is_asked_differently_is_kept_apart(world: World):
    asked = "query($n: Int, $more: Boolean = false) { tags(first: $n) { totalCount @include(if: $more) edges { cursor } } }"
    keys = [
        key(asked, n=1),
        key(asked, n=2),
        key(asked, n=1, more=True),
        key("{ tags(first: 1) { totalCount } }"),
        key("{ tags(first: 1) { totalCount edges { cursor } } }"),
        key("{ tags(first: 1) { t: totalCount } }"),
        key('{ tags(first: 1, name: "a") { totalCount } }'),
        key('{ tags(first: 1, name: "A") { totalCount } }'),
        key('{ tags(first: 1, name: "a ") { totalCount } }'),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(reader.prepare(PROJECTS, {}, None).operation, {}, "other") != key(PROJECTS)
    assert len(data(asked, n=1)["tags"]["edges"]) == 1
    assert len(data(asked, n=2)["tags"]["edges"]) == 2
    assert "totalCount" in data(asked, n=1, more=True)["tags"]


def test_a_part_of_an_answer_is_kept_for_nobody(world: World):
    document = "{ tags(first: 1) { totalCount } projects(first: 0) { totalCount } }"
    before = set(answers()._client.scan_iter("acequia:open:*"))
    assert ask(document)["errors"][0]["extensions"]["code"] == "VALIDATION"
    assert set(answers()._client.scan_iter("acequia:open:*")) == before == set()


def test_a_moments_fault_is_kept_for_nobody(world: World):
    with override_settings(OPERATION_SECONDS=0.000001):
        assert "errors" in ask(PROJECTS)
    assert "errors" not in ask(PROJECTS)


def test_who_asks_decides_nothing_about_what_is_kept(world: World):
    """Headers, host and address cannot put an answer of their own under another's question."""
    hostile = {"X-Forwarded-Host": "evil.example", "Accept-Language": "xx", "X-Original-URL": "/admin"}
    first = post({"query": PROJECTS}, **hostile)
    again = post({"query": PROJECTS})
    assert first.content == again.content and b"evil" not in again.content
    assert running.VERSION == VERSION and len(VERSION) == 64
