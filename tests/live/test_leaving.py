"""Leaving and taking one's data along, with real servers and a real worker that is killed on the way."""

import io
import json
import time
import zipfile
from datetime import timedelta

import httpx
import pytest
import redis
from django.utils import timezone

from backend.accounts.leaving import BATCH
from backend.accounts.models import DataExport, Erasure, ExportPart, User
from backend.projects.models import Project
from config.settings import env
from schema.ids import from_global_id
from social.comments.models import Comment
from social.follows.models import Follow
from tests.clients import Person, launch_project, people, sign_up
from tests.live.test_worker import let_time_pass
from tests.serving import LIVE, House, Server, eventually
from tests.sockets import Socket

PASSWORD = "riega-la-huerta"
COMMENTS = 10_000


@pytest.fixture
def crowded(house: House) -> tuple[Server, Person, int]:
    """Somebody who said ten thousand things under a project, and has two thousand followers."""
    server = house.servers[0]
    ana, cy = sign_up(server, "ana"), sign_up(server, "canarycy")
    project = from_global_id(launch_project(server, ana), "Project")[1]
    said = "I say this at some length, so that it weighs what a comment weighs. " * 5
    Comment.objects.using(LIVE).bulk_create(
        (
            Comment(project_id=project, author_id=cy.pk, body=f"{number} {said}", body_html=f"<p>{said}</p>")
            for number in range(COMMENTS)
        ),
        batch_size=2_000,
    )
    fans = people(2_000)
    Follow.objects.using(LIVE).bulk_create(Follow(follower_id=fan.pk, user_id=cy.pk) for fan in fans)
    User.objects.using(LIVE).filter(pk__in=[fan.pk for fan in fans]).update(following_count=1)
    User.objects.using(LIVE).filter(pk=cy.pk).update(follower_count=2_000, bio="canarybio")
    Project.objects.using(LIVE).filter(pk=project).update(comment_count=COMMENTS)
    return server, cy, project


def exports_of(server: Server, person: Person) -> list[dict]:
    return person.ask(server, "DataExports")["viewer"]["dataExports"]


def test_ten_thousand_things_are_exported_through_a_kill_and_erased_through_another(
    house: House,
    replaced,
    crowded: tuple[Server, Person, int],
):
    server, cy, project = crowded
    fans = [*Follow.objects.using(LIVE).filter(user=cy.pk).values_list("follower_id", flat=True)]
    assert len(fans) == 2_000
    begin = time.monotonic()
    requested = cy.ask(server, "RequestDataExport")["requestDataExport"]
    assert requested["errors"] == [] and requested["export"]["url"] is None
    export = DataExport.objects.using(LIVE).filter(user=cy.pk)
    eventually(lambda: export.get().done > 1_000, 30)
    house.worker.kill()
    ((told),) = exports_of(server, cy)
    assert told["status"] == "RUNNING" and 0 < told["progress"] < 100
    replaced()
    eventually(lambda: export.get().state == "READY", 60)
    seconds = time.monotonic() - begin
    (ready,) = exports_of(server, cy)
    address = f"{server.http}/exports/{ready['url'].rpartition('/')[2]}"
    reply = httpx.get(address, trust_env=False)
    assert reply.status_code == 200 and len(reply.content) == ready["size"] == export.get().size
    parts = ExportPart.objects.using(LIVE).filter(export=export.get())
    assert set(parts.values_list("attempt", flat=True)) == {2}, "one zip, of the run that lived"
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        lines = archive.read("comments.jsonl").splitlines()
        assert len({json.loads(line)["id"] for line in lines}) == len(lines) == COMMENTS
        weight = sum(info.file_size for info in archive.infolist())
    print(f"{COMMENTS} comments in {seconds:.1f} s with a kill; {ready['size']} bytes zipped, {weight} plain")
    assert seconds < 60 and weight < 100_000_000

    with Socket(server, cy) as socket:
        socket.subscribe("NotificationsLive")
        begin = time.monotonic()
        assert cy.ask(server, "DeleteAccount", input={"password": PASSWORD})["deleteAccount"]["errors"] == []
        closed = time.monotonic() - begin
        assert socket.ending(5)[0] == 4403
    assert httpx.get(address, trust_env=False).status_code == 404
    erasure = Erasure.objects.using(LIVE).filter(user=cy.pk)
    eventually(lambda: erasure.get().rows_done > BATCH, 30)
    house.worker.kill()
    assert erasure.get().finished_at is None
    replaced()
    standing = Comment.objects.using(LIVE).filter(author=cy.pk, deleted_at=None)
    follows = Follow.objects.using(LIVE).filter(user=cy.pk)
    eventually(lambda: not standing.exists() and not follows.exists(), 90)
    # Its second pass comes a minute later; so that nobody waits for it here, the account was closed a minute ago.
    seconds = time.monotonic() - begin
    print(f"closed in {closed:.2f} s, all forgotten {seconds:.1f} s later, with a kill")
    erasure.update(closed_at=timezone.now() - timedelta(minutes=2))
    eventually(lambda: let_time_pass() or erasure.get().finished_at, 30)
    assert erasure.get().rows_done == COMMENTS + 2_000
    assert Project.objects.using(LIVE).get(pk=project).comment_count == 0
    assert not User.objects.using(LIVE).exclude(following_count=0).filter(pk__in=fans).exists()
    assert User.objects.using(LIVE).get(pk=cy.pk).follower_count == 0
    with redis.Redis.from_url(env.REDIS_URL) as kept:
        assert not any(b"canary" in key + (kept.dump(key) or b"") for key in kept.scan_iter())
    assert not any("canary" in process.said() for process in house.processes), "nobody's name is in a log"
