"""The owner of a file is told what became of it, from a cursor on."""

import pytest

from backend.accounts.events import user_stream
from media.checks import check
from media.models import Media
from schema import cursors
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.media.sent import completed, picture
from tests.schema.member.following import follow

pytestmark = pytest.mark.usefixtures("folder_here")


def checked(by: object, data: bytes) -> Media:
    made = completed(by, data)  # type: ignore[arg-type]
    check(media_id=made.pk)
    return made


def test_what_is_ready_and_what_is_rejected_is_told_to_its_owner_in_order(cast: Cast):
    ready, rejected = checked(cast.ana, picture()), checked(cast.ana, b"no picture")
    told = [each["data"]["mediaChecked"] for each in follow("MediaChecked", cast.ana)]

    assert [(each["media"]["id"], each["media"]["state"]) for each in told] == [
        (id_of(ready), "READY"),
        (id_of(rejected), "REJECTED"),
    ]
    assert [each["media"]["reason"] for each in told] == [None, "MISMATCH"]
    assert [each["media"]["url"] is None for each in told] == [False, True]
    assert [each["cursor"] for each in told] == [
        cursors.encode(user_stream(cast.ana.pk), seq) for seq in (1, 2)
    ]
    assert follow("MediaChecked", cast.cy) == []


def test_whoever_was_away_goes_on_behind_their_cursor(cast: Cast):
    checked(cast.ana, picture(1))
    (first,) = follow("MediaChecked", cast.ana)
    other = checked(cast.ana, picture(2))

    (told,) = follow("MediaChecked", cast.ana, after=first["data"]["mediaChecked"]["cursor"])
    assert told["data"]["mediaChecked"]["media"]["id"] == id_of(other)


def test_of_a_file_that_is_gone_only_that_it_was_checked_is_told(cast: Cast):
    made = checked(cast.ana, picture())
    ask("DeleteMedia", cast.ana, input={"mediaId": id_of(made)})
    (told,) = follow("MediaChecked", cast.ana)
    assert told["data"]["mediaChecked"]["media"] is None


def test_whoever_missed_too_much_is_told_to_look_again(cast: Cast):
    for seed in range(3):
        checked(cast.ana, picture(seed))
    (told,) = follow("MediaChecked", cast.ana, keeps=2)
    cursor = cursors.encode(user_stream(cast.ana.pk), 3)
    assert told == {"data": {"mediaChecked": {"cursor": cursor, "media": None}}}


def test_nobody_hears_nothing():
    (refused,) = follow("MediaChecked", None)
    assert [each["extensions"]["code"] for each in refused["errors"]] == ["UNAUTHENTICATED"]
