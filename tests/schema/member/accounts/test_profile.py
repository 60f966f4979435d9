"""What one says of oneself, and what others see of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import Session, User
from schema.ids import to_global_id
from schema.member.schema import schema
from social.follows.actions import follow
from tests.asking import CLIENT, ask, id_of, problems, spelled, token_of, undone, untouched
from tests.cast import Cast
from tests.schema.deeds import notification, update_profile

NOT_FOUND = {"code": "NOT_FOUND"}


def test_a_profile_is_what_one_says(cast: Cast):
    answer = update_profile(cast).ask("UpdateProfile")

    assert answer["data"]["updateProfile"] == {
        "user": {
            "id": id_of(cast.ana),
            "displayName": "Ana Ruiz",
            "bio": "I *water*.",
            "bioHtml": "<p>I <em>water</em>.</p>",
            "location": "Vera",
            "website": "https://example.org/",
            "skills": ["bees"],
            "interests": ["seeds"],
            "avatar": None,
        },
        "errors": [],
    }
    assert User.objects.get(pk=cast.ana.pk).locale == "es"


def test_what_is_absent_or_null_stays_as_it_is(cast: Cast):
    deed = update_profile(cast)
    before = deed.ask("UpdateProfile")["data"]["updateProfile"]["user"]

    for left_out in ({}, dict.fromkeys(deed.input), {"bio": None}):
        answer = ask("UpdateProfile", cast.ana, input=left_out)
        assert answer["data"]["updateProfile"] == {"user": before, "errors": []}
    emptied = ask("UpdateProfile", cast.ana, input={"bio": "", "website": "", "skills": [], "location": " "})
    changes = {"bio": "", "bioHtml": "", "website": "", "skills": [], "location": ""}
    assert emptied["data"]["updateProfile"]["user"] == before | changes


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("displayName", ["", " ", "a" * 61, "a\u202eb", "a\tb\x07", "Z" + "\u0301" * 5]),
        ("bio", ["a" * 2_001, "a\x1b[31m", "a\u202eb"]),
        ("location", ["a" * 101, "a\u2066b"]),
        (
            "website",
            ["example.org", "javascript:alert(1)", "ftp://example.org", "https://", "https://" + "a" * 200],
        ),
        ("skills", [["a"] * 21, [""], ["a" * 41], ["a", " "]]),
        ("interests", [[str(n) for n in range(21)], ["a\u200bb"]]),
        ("locale", ["", "spanish", "ES", "es_ES"]),
    ],
)
def test_what_a_profile_does_not_hold(cast: Cast, field: str, values: list):
    for value in values:
        with untouched():
            answer = update_profile(cast).ask("UpdateProfile", **{field: value})
        assert problems(answer) == [("VALIDATION", field)], value
        assert answer["data"]["updateProfile"]["user"] is None


def test_what_is_written_is_kept_as_it_is_and_shown_inert(cast: Cast):
    bio = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **a**"
    answer = ask("UpdateProfile", cast.ana, input={"bio": bio})
    user = answer["data"]["updateProfile"]["user"]
    assert user["bio"] == bio
    assert "<img" not in user["bioHtml"] and 'href="javascript' not in user["bioHtml"]
    assert "<strong>a</strong>" in user["bioHtml"]


def test_i_see_who_i_am_and_where_i_am_logged_in(cast: Cast):
    token_of(cast.ana)
    own = Session.objects.get(user=cast.ana)
    now = timezone.now()
    later = {"user": cast.ana, "expires_at": now + timedelta(days=1)}
    other = Session.objects.create(
        **later, token_hash="a", user_agent="Riego", created_at=now - timedelta(hours=1)
    )
    Session.objects.create(**later, token_hash="b", ended_at=now)
    Session.objects.create(user=cast.bo, token_hash="c", expires_at=now + timedelta(days=1))
    notification(cast)

    def session(row: Session, *, current: bool) -> dict:
        started = spelled(row.created_at)
        id = to_global_id("ActiveSession", row.pk)
        return {"id": id, "userAgent": row.user_agent, "createdAt": started, "current": current}

    assert ask("Me", cast.ana)["data"]["viewer"] == {
        "user": {"id": id_of(cast.ana), "handle": "ana", "displayName": "Ana"},
        "email": "ana@example.org",
        "emailVerified": True,
        "unreadNotificationCount": 1,
        "sessions": [session(own, current=True), session(other, current=False)],
        "accessTokens": [],
    }
    assert own.user_agent == CLIENT


def test_nobody_is_null(db: None):
    assert ask("Me") == {"data": {"viewer": None}}


def test_a_person_is_shown_to_anybody(cast: Cast):
    update_profile(cast).ask("UpdateProfile")
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    follow(kind=User, target_id=cast.cy.pk, by=cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(project_count=1, completed_task_count=2, minutes_given=90)
    shown = {
        "id": id_of(cast.ana),
        "handle": "ana",
        "displayName": "Ana Ruiz",
        "bioHtml": "<p>I <em>water</em>.</p>",
        "location": "Vera",
        "skills": ["bees"],
        "interests": ["seeds"],
        "createdAt": spelled(cast.ana.created_at),
        "followerCount": 1,
        "followingCount": 1,
        "projectCount": 1,
        "completedTaskCount": 2,
        "minutesGiven": 90,
        "viewerIsFollowing": False,
        "followsViewer": False,
        "avatar": None,
    }
    assert ask("UserProfile", handle="ana")["data"]["user"] == shown
    assert ask("UserProfile", cast.bo, handle="ana")["data"]["user"] == shown
    assert ask("UserProfile", cast.ana, handle="ana")["data"]["user"] == shown
    assert ask("UserProfile", cast.cy, handle="ana")["data"]["user"] == shown | {
        "viewerIsFollowing": True,
        "followsViewer": True,
    }


def test_somebody_who_left_is_as_somebody_who_never_was(cast: Cast):
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    for viewer in (None, cast.ana, cast.sol):
        for handle in ("cy", "nobody", "", "CY", "cy ", "🐝", "a" * 1_000):
            answer = ask("UserProfile", viewer, handle=handle)
            assert answer["data"] == {"user": None}
            assert [error["extensions"] for error in answer["errors"]] == [NOT_FOUND]


def test_a_person_is_found_by_handle_or_by_id(cast: Cast):
    query = "query($h: String, $i: ID) { user(handle: $h, id: $i) { handle } }"
    assert ask(query, i=id_of(cast.bo))["data"] == {"user": {"handle": "bo"}}
    assert ask(query, i=id_of(cast.bo), h="ana")["data"] == {"user": {"handle": "bo"}}
    for nothing in ({}, {"i": "garbage"}, {"i": id_of(cast.project)}, {"i": ""}, {"h": None, "i": None}):
        assert ask(query, **nothing)["errors"][0]["extensions"] == NOT_FOUND


def test_what_is_ones_own_is_on_nobody_elses_type():
    public = set(schema._schema.type_map["User"].fields)
    assert not {"email", "password", "locale", "lastLogin", "isStaff", "isActive", "importedFrom"} & public
    assert not any("mail" in field.lower() or "token" in field.lower() for field in public)


def test_a_session_is_its_owners_to_find(cast: Cast):
    token_of(cast.ana)
    session = Session.objects.get(user=cast.ana)
    query = "query($id: ID!) { node(id: $id) { id __typename ... on ActiveSession { current } } }"
    id = to_global_id("ActiveSession", session.pk)

    assert ask(query, cast.ana, id=id)["data"]["node"] == {
        "id": id,
        "__typename": "ActiveSession",
        "current": True,
    }
    for viewer in (None, cast.bo, cast.sol):
        assert ask(query, viewer, id=id)["errors"][0]["extensions"] == NOT_FOUND
    with undone():
        session.delete()
        assert ask(query, cast.ana, id=id)["errors"][0]["extensions"] == NOT_FOUND
