"""A file is announced, sent to where the answer says, completed, checked and shown."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.projects.models import Membership
from media.checks import check
from media.models import MOST_OF_A_PERSON, MOST_OF_A_PROJECT, Media, Purpose
from media.storage.port import Target
from tests import files
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast
from tests.media.sending import posted, sending
from tests.media.sent import PDF, picture

pytestmark = pytest.mark.usefixtures("folder_here")

STORAGE = "{ viewer { storage { bytes limit } } }"


def announcing(
    data: bytes, content_type: str = "image/png", purpose: str = "AVATAR", **more: Any
) -> dict[str, Any]:
    """What is said of these bytes."""
    said = {"purpose": purpose, "filename": "gate.png", "contentType": content_type, "byteSize": len(data)}
    return said | {"sha256": hashlib.sha256(data).hexdigest()} | more


def target_of(upload: dict[str, Any]) -> Target:
    """Where the answer says that it is sent."""
    told = upload["target"]
    headers, fields = ({each["name"]: each["value"] for each in told[name]} for name in ("headers", "fields"))
    return Target(told["method"], told["url"], headers, fields)


def sent(by: Any, data: bytes, **more: Any) -> str:
    """The id of an upload whose bytes have arrived."""
    upload = ask("RequestUpload", by, input=announcing(data, **more))["data"]["requestUpload"]["upload"]
    status, words = posted(sending(target_of(upload), data))
    assert status == 204, words
    return upload["id"]


def completed(by: Any, data: bytes, **more: Any) -> dict[str, Any]:
    """The file that has come of it, checked."""
    answer = ask("CompleteUpload", by, input={"uploadId": sent(by, data, **more)})
    assert problems(answer) == []
    check(media_id=Media.objects.latest("pk").pk)
    return answer["data"]["completeUpload"]["media"]


def test_a_picture_goes_all_the_way_to_a_profile(cast: Cast):
    arrived = completed(cast.ana, picture())
    assert (arrived["url"], arrived["variants"]) == (None, [])

    answer = ask("UpdateProfile", cast.ana, input={"avatarId": arrived["id"]})
    assert problems(answer) == []
    small = Media.objects.get().variants.get(name="SMALL")
    assert answer["data"]["updateProfile"]["user"]["avatar"]["url"].endswith(f"/media/{small.key}")

    gone = ask("UpdateProfile", cast.ana, input={"removeAvatar": True})
    assert gone["data"]["updateProfile"]["user"]["avatar"] is None


def test_the_target_is_told_again_to_whoever_lost_it_and_to_nobody_else(cast: Cast):
    upload = ask("RequestUpload", cast.ana, input=announcing(b"x"))["data"]["requestUpload"]["upload"]
    assert upload["state"] == "PENDING"
    document = "query($id: ID!) { node(id: $id) { ... on Upload { target { url m: method fields { name } __typename } } } }"

    again = ask(document, cast.ana, id=upload["id"])["data"]["node"]["target"]
    assert again == {
        "url": upload["target"]["url"],
        "m": "POST",
        "fields": [{"name": each["name"]} for each in upload["target"]["fields"]],
        "__typename": "UploadTarget",
    }
    assert ask(document, cast.bo, id=upload["id"])["data"]["node"] is None


def test_once_it_has_arrived_or_is_too_late_there_is_no_target(cast: Cast):
    document = "query($id: ID!) { node(id: $id) { ... on Upload { state target { url } } } }"
    done = sent(cast.ana, b"x", content_type=PDF, purpose="ATTACHMENT")
    ask("CompleteUpload", cast.ana, input={"uploadId": done})
    late = files.upload(cast.ana, expires_at=timezone.now() - timedelta(seconds=1))

    assert ask(document, cast.ana, id=done)["data"]["node"] == {"state": "CHECKING", "target": None}
    assert ask(document, cast.ana, id=id_of(late))["data"]["node"] == {"state": "EXPIRED", "target": None}


def test_what_is_not_there_is_a_mismatch_and_may_still_be_sent(cast: Cast):
    upload = files.upload(cast.ana)
    with untouched():
        assert problems(ask("CompleteUpload", cast.ana, input={"uploadId": id_of(upload)})) == [
            ("MISMATCH", None)
        ]


def test_to_complete_twice_is_to_complete_once(cast: Cast):
    upload = sent(cast.ana, picture())
    first, second = (ask("CompleteUpload", cast.ana, input={"uploadId": upload}) for _ in range(2))
    assert first == second and Media.objects.count() == 1


def test_what_is_rejected_says_why(cast: Cast):
    arrived = completed(cast.ana, b"<svg/>")
    document = "query($id: ID!) { node(id: $id) { ... on Media { state reason url } } }"
    told = ask(document, cast.ana, id=arrived["id"])["data"]["node"]
    assert (told["state"], told["url"]) == ("REJECTED", None) and told["reason"] in (
        "MISMATCH",
        "UNSUPPORTED",
    )
    uploads = ask("MyFiles", cast.ana, first=5)["data"]["viewer"]["uploads"]["edges"]
    assert [(each["node"]["state"], each["node"]["reason"]) for each in uploads] == [
        ("REJECTED", told["reason"])
    ]
    with untouched():
        refused = ask("UpdateProfile", cast.ana, input={"avatarId": arrived["id"]})
    assert problems(refused) == [("NOT_READY", "avatarId")]


def test_room_is_taken_when_it_is_announced_and_told_to_whom_it_concerns(cast: Cast):
    assert ask(STORAGE, cast.ana)["data"]["viewer"]["storage"] == {"bytes": 0, "limit": MOST_OF_A_PERSON}
    files.upload(cast.ana, byte_size=1000)
    files.upload(cast.ana, Purpose.PROJECT_IMAGE, project=cast.project, byte_size=7)

    assert ask(STORAGE, cast.ana)["data"]["viewer"]["storage"] == {"bytes": 1000, "limit": MOST_OF_A_PERSON}
    document = "query($slug: String!) { project(slug: $slug) { storage { bytes limit } } }"
    told = [
        ask(document, viewer, slug=cast.project.slug)["data"]["project"]["storage"]
        for viewer in (cast.ana, cast.bo, cast.cy, cast.sol, None)
    ]
    room = {"bytes": 7, "limit": MOST_OF_A_PROJECT}
    assert told == [room, room, None, None, None]


def test_there_is_no_room_for_more_than_the_quota(cast: Cast):
    said = {"byte_size": 25 * 1024 * 1024}
    for _ in range(20):
        files.upload(cast.ana, Purpose.ATTACHMENT, **said)
    with untouched():
        answer = ask("RequestUpload", cast.ana, input=announcing(b"x"))
    assert problems(answer) == [("LIMIT", None)]


@pytest.mark.parametrize("size", [0, -1, 2**31, 2**53, 1.5, "7", True, None, 1e308])
def test_sizes_that_are_none_are_refused(cast: Cast, size: Any):
    with untouched():
        answer = ask("RequestUpload", cast.ana, input=announcing(b"x") | {"byteSize": size})
    if "data" in answer:
        assert problems(answer) == [("VALIDATION", "byteSize")]
    else:
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["VALIDATION"]


def test_a_dataset_of_two_gibibytes_is_sent_in_parts_and_gone_on_with(cast: Cast):
    said = {"purpose": "DATASET", "filename": "plots.csv", "contentType": "text/csv", "byteSize": 2**31}
    whole = said | {"sha256": "0" * 64, "projectId": id_of(cast.project)}
    upload = ask("RequestUpload", cast.ana, input=whole)["data"]["requestUpload"]["upload"]
    assert upload["target"] is None

    answer = ask("RequestUploadParts", cast.ana, input={"uploadId": upload["id"], "numbers": [128, 1]})
    told = answer["data"]["requestUploadParts"]
    assert [(each["number"], each["target"]["method"]) for each in told["parts"]] == [
        (128, "PUT"),
        (1, "PUT"),
    ]
    assert told["upload"] == {"id": upload["id"], "partSize": 2**24, "partCount": 128}
    assert told["arrived"] == []
    only = ask("RequestUploadParts", cast.ana, input={"uploadId": upload["id"]})["data"]["requestUploadParts"]
    assert (only["parts"], only["arrived"]) == ([], [])
    for numbers in ([0], [129], [-1], list(range(1, 102))):
        asked = {"uploadId": upload["id"], "numbers": numbers}
        assert problems(ask("RequestUploadParts", cast.ana, input=asked)) == [("VALIDATION", "numbers")]
    with untouched():
        stranger = ask("RequestUploadParts", cast.bo, input={"uploadId": upload["id"], "numbers": [1]})
    assert problems(stranger) == [("NOT_FOUND", None)]


def test_a_file_is_described_and_deleted_by_who_keeps_it(cast: Cast):
    cover = files.picture(cast.ana, Purpose.PROJECT_IMAGE, project=cast.project)
    files.place(cover, cast.project)
    words = {"alt": "A gate", "credit": "Bo", "licence": "cc-by-sa-4.0"}
    told = ask("DescribeMedia", cast.ana, input=words | {"mediaId": id_of(cover)})["data"]["describeMedia"]
    assert told["media"] == {"id": id_of(cover), "alt": "A gate", "credit": "Bo", "licence": "CC-BY-SA-4.0"}
    # Bo runs boards, and does not edit.
    with untouched():
        for operation, more in (("DescribeMedia", words), ("DeleteMedia", {})):
            refused = ask(operation, cast.bo, input=more | {"mediaId": id_of(cover)})
            assert problems(refused) == [("NOT_FOUND", None)]
    Membership.objects.filter(user=cast.bo).update(role="EDITOR")
    gone = ask("DeleteMedia", cast.bo, input={"mediaId": id_of(cover)})
    assert gone["data"]["deleteMedia"] == {"deletedId": id_of(cover), "errors": []}
    assert not Media.objects.exists()
