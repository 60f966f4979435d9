"""People who have done everything that can be done here, each with a word of their own in every personal column."""

import re
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from oauth2_provider import models as oauth

from backend.accounts.blocks import Block
from backend.accounts.models import (
    AccessToken,
    DataExport,
    ExportPart,
    ExportState,
    RecoveryCode,
    Session,
    Totp,
    User,
)
from backend.applications.models import Application, AuthorizedApplication
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.models import Board
from backend.communities.models import Community, CommunityKind
from backend.core.holdings import Holding, holdings
from backend.imports.models import RemoteImage, RemoteImageKind
from backend.projects.models import Membership, Project, Review, Role
from media.models import Placement, PlacementKind, Purpose
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.notifications.models import Notification, NotificationActor
from social.updates.actions import draft_update, publish_update
from tests import cast as people
from tests.cast import PASSWORD
from tests.media.rows import ready, upload


def make_world(count: int) -> list[User]:
    """So many people, who follow one another in a ring and work on each other's projects; the first is no exception."""
    password = make_password(PASSWORD)
    ring = [people.person(f"person{number:02}") for number in range(count)]
    User.objects.filter(pk__in=[person.pk for person in ring]).update(
        password=password, last_login=timezone.now()
    )
    valley = Community.objects.create(slug="valley", name="The valley", kind=CommunityKind.LOCAL)
    host, shunned = people.person("host"), people.person("shunned")
    Block.objects.bulk_create(Block(blocker=person, blocked=shunned) for person in ring)
    garden = people.project(host, "Garden")
    board = Board.objects.create(project=garden, title="All year")
    for number, person in enumerate(ring):
        for kind, target in ((User, ring[(number + 1) % count]), (Project, garden), (Community, valley)):
            follow(kind=kind, target_id=target.pk, by=person)
        _work(person, garden, board, host)
        _be_written_of(person, host)
        _send_files(person, board)
    for number, person in enumerate(ring):
        add_comment(
            kind=Project,
            subject_id=garden.pk,
            by=ring[(number + 1) % count],
            body="I answer.",
            parent_id=person.comments.order_by("pk")[0].pk,
        )
        told = Notification.objects.create(
            user=person, kind="COMMENT", subject_project=garden, occurred_at=timezone.now(), seq=1
        )
        NotificationActor.objects.create(notification=told, user=ring[(number + 1) % count], seq=1)
    return list(User.objects.filter(pk__in=[person.pk for person in ring]).order_by("pk"))


def _work(person: User, garden: Project, board: Board, host: User) -> None:
    Membership.objects.create(project=garden, user=person, role=Role.EDITOR)
    for _ in range(2):
        add_comment(kind=Project, subject_id=garden.pk, by=person, body="I say.")
    news = draft_update(project_id=garden.pk, by=person, title="News", body="It rained.")
    publish_update(update_id=news.pk, by=person)
    accepted, _held, handed_in, given_up = (
        claim_task(task_id=people.task(board).pk, by=person) for _ in range(4)
    )
    for claim in (accepted, handed_in, given_up):
        submit_work(claim_id=claim.pk, by=person, note="Done.", links=["https://a.example"], minutes_spent=5)
    review_work(claim_id=accepted.pk, by=host, verdict="ACCEPT", note="Good.")
    release_claim(claim_id=given_up.pk, by=person)
    people.project(person, "Draft", slug=f"draft-{person.pk}", status="DRAFT", source={"a": "b"})
    people.project(person, "Public", slug=f"public-{person.pk}", source={"a": "b"})
    Review.objects.create(project=garden, reviewer=person, verdict="APPROVE")


def _be_written_of(person: User, host: User) -> None:
    LogEntry.objects.create(
        user=host,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=f"@{person.handle}",
        action_flag=CHANGE,
        change_message=f'[{{"added": {{"object": "@{person.handle} in Garden"}}}}]',
    )
    LogEntry.objects.create(user=person, object_repr="x", action_flag=CHANGE, change_message="y")
    day = timedelta(days=1)
    now = timezone.now()
    Session.objects.create(user=person, token_hash=f"hash{person.pk}", expires_at=now + day, ended_at=now)
    AccessToken.objects.create(
        user=person, name="Key", token_hash=f"key{person.pk}", scopes=["read"], expires_at=now + day
    )
    Totp.objects.create(user=person, sealed_secret="sealed")
    RecoveryCode.objects.create(user=person, code_hash=f"code{person.pk}", used_at=now)
    _let_programs_in(person)
    export = DataExport.objects.create(
        user=person, state=ExportState.READY, created_at=now - day, finished_at=now, expires_at=now + day
    )
    ExportPart.objects.create(export=export, attempt=0, number=0, data=b"zip")


def _send_files(person: User, board: Board) -> None:
    upload(person)
    ready(person)
    Placement.objects.create(media=ready(person), task=people.task(board), kind=PlacementKind.TASK)
    Placement.objects.create(media=ready(person, Purpose.AVATAR), user=person, kind=PlacementKind.AVATAR)
    RemoteImage.objects.create(user=person, kind=RemoteImageKind.AVATAR, url="https://goteo.example/face.png")


def _let_programs_in(person: User) -> None:
    app = Application.objects.create(
        user=person,
        name="Program",
        client_id=f"app{person.pk}",
        redirect_uris="https://a.example",
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    )
    AuthorizedApplication.objects.create(user=person, application=app, scopes=["read"])
    facts = {"user": person, "application": app, "expires": timezone.now() + timedelta(days=1)}
    with connection.cursor() as cursor:
        # As the toolkit stores them: by their hashes alone, which it makes of what is not kept.
        for kind, more in (("accesstoken", "expires, scope"), ("refreshtoken", "token_family, revoked")):
            values = "now(), ''" if kind == "accesstoken" else "NULL, NULL"
            cursor.execute(
                f"INSERT INTO oauth2_provider_{kind} (user_id, application_id, token, token_checksum,"  # noqa: S608
                f" resource, created, updated, {more}) VALUES (%s, %s, '', %s, '[]', now(), now(), {values})",
                [person.pk, app.pk, f"hash of {person.pk}"],
            )
    oauth.IDToken.objects.create(**facts)
    oauth.Grant.objects.create(
        code=f"{person.pk:064x}",
        code_challenge="c" * 43,
        code_challenge_method="S256",
        redirect_uri="https://a.example",
        **facts,
    )
    oauth.DeviceGrant.objects.create(
        user=person,
        client_id=app.client_id,
        device_code=f"d{person.pk}",
        user_code=f"u{person.pk}",
        expires=facts["expires"],
    )


def plant(person: User) -> dict[tuple[str, str], str]:
    """Put a word that stands nowhere else into each personal column of somebody that can hold one; says which is where."""
    planted = {}
    for place, holding in enumerate(holdings()):
        fields = {field.name: field for field in holding.model._meta.concrete_fields}
        words = {
            name: f"cnry{person.pk:04}x{place:02}{re.sub('[^a-z]', '', name)[:8]}x"
            for name in (*holding.columns, *holding.secrets)
            if name in fields and _holds_a_word(fields[name])
        }
        if words:
            # With the key of its row, because some are unique.
            assert holding.of(person.pk).update(
                **{name: _as(fields[name], word) for name, word in words.items()}
            ), (holding.name, "this person has none: nothing would be shown")
        planted |= {(named(holding), name): word for name, word in words.items()}
    return planted


def _holds_a_word(field: Any) -> bool:
    if field.choices or field.is_relation or field.name in ("scopes", "token", "code", "sha256", "key"):
        return False
    if isinstance(field, models.BinaryField | models.JSONField | ArrayField):
        return True
    is_text = isinstance(field, models.CharField | models.TextField)
    return is_text and (field.max_length is None or field.max_length >= 28)


def _as(field: Any, word: str) -> Any:
    if isinstance(field, models.BinaryField):
        return word.encode()
    if isinstance(field, models.JSONField):
        return {"word": word}
    if isinstance(field, ArrayField):
        return [word]
    if field.name == "url":
        word = f"https://{word}"
    return Concat(Value(word), Cast("pk", models.TextField()))


def dump() -> dict[str, list[str]]:
    """Every row of every table of the database as text, by table; bytes as the text that they are."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT encode(convert_to(row::text, 'UTF8'), 'escape') FROM \"{table}\" row")  # noqa: S608
            found[table] = [text for (text,) in cursor.fetchall()]
        cursor.execute("SELECT convert_from(data, 'UTF8') FROM accounts_exportpart")
        found["bytes of exports"] = [text for (text,) in cursor.fetchall()]
    return found


def where(word: str, texts: dict[str, list[str]]) -> set[str]:
    """The tables in which a word stands."""
    return {table for table, rows in texts.items() if any(word in row for row in rows)}


def named(holding: Holding) -> str:
    """What a holding is called in `plant`."""
    return holding.name or holding.model.__name__
