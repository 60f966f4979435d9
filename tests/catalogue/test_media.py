"""The bad-input catalogue (reliability.md §5), media: what is sent, and what is said of it, by GraphQL and a form."""

import hashlib
import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from media.checks import check
from media.inspection import Reason
from media.models import Media, Purpose, Upload, Variant
from media.storage.port import Target
from tests import files
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast
from tests.media.hostile import HOSTILE
from tests.media.sending import Sending, posted, sending
from tests.media.sent import picture
from tests.schema.deeds import claimed

pytestmark = pytest.mark.usefixtures("folder_here")

STATE = "query($id: ID!) { node(id: $id) { ... on Media { state reason url variants { url } } } }"


def requested(by: User, data: bytes, **more: Any) -> dict[str, Any]:
    """What is answered to who announces these bytes."""
    said = {"purpose": "AVATAR", "filename": "gate.png", "contentType": "image/png", "byteSize": len(data)}
    input = said | {"sha256": hashlib.sha256(data).hexdigest()} | more
    answer: dict[str, Any] = ask("RequestUpload", by, input=input)["data"]["requestUpload"]
    return answer


def form(answer: dict[str, Any], data: bytes) -> Sending:
    """The form that the answer asks for, around these bytes."""
    told = answer["upload"]["target"]
    fields = {each["name"]: each["value"] for each in told["fields"]}
    return sending(Target(told["method"], told["url"], fields=fields), data)


def outcome(by: User, data: bytes) -> dict[str, Any]:
    """What becomes of bytes that are what was announced, and are called a PNG."""
    answer = requested(by, data)
    status, words = posted(form(answer, data))
    assert status == 204, words
    completed = ask("CompleteUpload", by, input={"uploadId": answer["upload"]["id"]})["data"][
        "completeUpload"
    ]
    assert completed["errors"] == []
    check(media_id=Media.objects.latest("pk").pk)
    told: dict[str, Any] = ask(STATE, by, id=completed["media"]["id"])["data"]["node"]
    return told


#: Whatever says that it is a PNG and is none, but nothing at all: SVG, HTML, PHP, polyglots, halves.
NO_PNG = [each for each in HOSTILE if each.declared == "image/png" and each.reason != Reason.EMPTY]


@pytest.mark.parametrize("sent", NO_PNG, ids=str)
def test_row_81_what_is_called_a_png_and_is_none_is_rejected(cast: Cast, sent: Any):
    """SVG, HTML, PNG+ZIP polyglot, PHP, truncated: the REJECTED state, and nothing of it is ever served."""
    told = outcome(cast.ana, sent.make())
    assert told == {"state": "REJECTED", "reason": str(sent.reason), "url": None, "variants": []}
    assert not Variant.objects.exists()


def test_row_81_nothing_is_not_even_announced(cast: Cast):
    """0 bytes."""
    with untouched():
        assert requested(cast.ana, b"")["errors"] == [
            {"code": "VALIDATION", "message": "1 to 20971520 bytes.", "field": "byteSize"}
        ]


def test_row_82_a_picture_that_would_fill_the_memory_is_rejected_in_time(cast: Cast):
    """A PNG of 50,000 x 50,000 in 20 kB; the rest of the row is tests/media/inspection."""
    bomb = next(each for each in HOSTILE if "50,000" in each.name or "50000" in each.name)
    begin = time.monotonic()
    told = outcome(cast.ana, bomb.make())
    assert (told["state"], told["reason"]) == ("REJECTED", str(bomb.reason))
    assert time.monotonic() - begin < 10


def test_row_83_only_what_was_announced_arrives_once_and_in_time(cast: Cast):
    """1 byte over; another key; another type; after 5 minutes; twice; confirm another's upload."""
    data = picture()
    answer = requested(cast.ana, data)
    upload, right = answer["upload"], form(answer, data)
    assert posted(form(answer, data + b"!"))[0] in (403, 413)
    for name in ("key", "content-type", "Content-Type"):
        if any(field.name == name for field in right.fields):
            (field,) = (each for each in right.fields if each.name == name)
            other = type(field)(
                name,
                field.value[:-1] + (b"1" if field.value.endswith(b"0") else b"0")
                if name == "key"
                else b"text/html",
            )
            assert posted(right.changed(name, other))[0] == 403
    with untouched():
        assert problems(ask("CompleteUpload", cast.ana, input={"uploadId": upload["id"]})) == [
            ("MISMATCH", None)
        ]

    assert [posted(right)[0] for _ in range(2)] == [204, 409]
    with untouched():
        assert problems(ask("CompleteUpload", cast.bo, input={"uploadId": upload["id"]})) == [
            ("NOT_FOUND", None)
        ]
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with untouched():
        assert problems(ask("CompleteUpload", cast.ana, input={"uploadId": upload["id"]})) == [
            ("NOT_FOUND", None)
        ]


@pytest.mark.parametrize(
    "filename",
    [
        "../../x",
        "..\\..\\x",
        "/etc/passwd",
        "photo\u202egnp.exe",
        "a" * 5_000 + ".png",
        "",
        ".",
        "\u200b",
        "con.png",
    ],
    ids=repr,
)
def test_row_84_what_a_file_is_called_decides_nothing(cast: Cast, filename: str):
    """`../../x`, RTL, 5,000 characters: taken for a name to show, and the server names the key."""
    answer = requested(cast.ana, picture(), filename=filename)
    assert answer["errors"] == []
    upload = Upload.objects.get()
    assert upload.key.removeprefix("quarantine/").isalnum() and len(upload.key) == len("quarantine/") + 32
    assert len(upload.filename) <= 255
    assert not set("/\\\u202e\u200b\0") & set(upload.filename) and upload.filename[:2] != ".."
    posted(form(answer, picture()))
    ask("CompleteUpload", cast.ana, input={"uploadId": answer["upload"]["id"]})
    check(media_id=Media.objects.get().pk)
    assert {key.split("/")[0] for key in Variant.objects.values_list("key", flat=True)} == {"public"}


def test_row_84_a_nul_in_a_name_is_refused_at_the_door(cast: Cast):
    """`a\\0.png`, as every text with one (row 19)."""
    said = {"purpose": "AVATAR", "contentType": "image/png", "byteSize": 1, "sha256": "0" * 64}
    with untouched():
        answer = ask("RequestUpload", cast.ana, input=said | {"filename": "a\0.png"})
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["VALIDATION"]


def test_row_85_nobody_shows_a_file_of_somebody_else(cast: Cast):
    """Attach another's media id: NOT_FOUND, as one that never was; wherever files are named."""
    avatar = files.picture(cast.ana)
    image = files.picture(cast.cy, Purpose.PROJECT_IMAGE, project=cast.project)
    file = files.picture(cast.ana, Purpose.ATTACHMENT)
    claim = claimed(cast)
    cast.task.refresh_from_db()
    version = cast.task.version
    never = id_of(Media(pk=2**40))
    project, cy = {"projectId": id_of(cast.project)}, cast.cy

    def attempts(other: str, avatar_id: str, image_id: str) -> list[tuple[str, User, dict[str, Any]]]:
        files_of = {"attachmentIds": [other]}
        return [
            ("UpdateProfile", cy, {"avatarId": avatar_id}),
            ("AddComment", cy, {"subjectId": id_of(cast.project), "body": "Yes."} | files_of),
            ("SubmitWork", cy, {"claimId": id_of(claim)} | files_of),
            ("CreateTask", cast.bo, {"boardId": id_of(cast.board), "title": "Prune"} | files_of),
            ("EditTask", cast.bo, {"taskId": id_of(cast.task), "expectedVersion": version} | files_of),
            ("DraftUpdate", cast.sol, project | {"title": "News", "body": "!"} | files_of),
            ("PlaceProjectImages", cast.ana, project | {"coverId": image_id}),
            ("PlaceProjectImages", cast.ana, project | {"galleryIds": [image_id]}),
            ("DescribeMedia", cy, {"mediaId": other, "alt": "Mine."}),
            ("DeleteMedia", cy, {"mediaId": other}),
        ]

    theirs = attempts(id_of(file), id_of(avatar), id_of(image))
    nothing = attempts(never, never, never)
    with untouched():
        for (operation, by, input), (_, _, of_nothing) in zip(theirs, nothing, strict=True):
            answer = ask(operation, by, input=input)
            assert [code for code, _ in problems(answer)] == ["NOT_FOUND"], operation
            assert answer == ask(operation, by, input=of_nothing), operation


def test_an_honest_picture_is_let_through(cast: Cast):
    """The control of rows 81 and 82."""
    data = io.BytesIO()
    Image.new("RGB", (120, 90), "green").save(data, "PNG")
    told = outcome(cast.ana, data.getvalue())
    assert (told["state"], told["reason"], len(told["variants"])) == ("READY", None, 3)
