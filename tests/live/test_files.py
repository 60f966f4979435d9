"""A file's whole way against real processes: announced, sent to where the answer says, checked by the worker, shown."""

import hashlib
import io
from urllib.parse import urlsplit

import httpx
from PIL import Image

from tests.clients import Person, sign_up
from tests.live.test_two_people_meet import settle
from tests.media.stores import BUCKET, REGION
from tests.serving import House, Server
from tests.sockets import Socket


def photo() -> bytes:
    """What a camera makes, with what it knows of its owner."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where we live"
    Image.effect_noise((900, 600), 60).convert("RGB").save(file, "JPEG", exif=exif)
    return file.getvalue()


def at(server: Server, url: str) -> str:
    """The same address where this server listens: that of a checkout without a name is the one of `make run`."""
    parts = urlsplit(url)
    is_ours = parts.path.startswith("/media/")
    return f"{server.http}{parts.path}{'?' + parts.query if parts.query else ''}" if is_ours else url


def send_avatar(server: Server, person: Person) -> None:
    """All that a client does to have a picture, and all that it may be told on the way."""
    data = photo()
    said = {
        "purpose": "AVATAR",
        "filename": "IMG_2031.jpg",
        "contentType": "image/jpeg",
        "byteSize": len(data),
    }
    with Socket(server, person) as socket:
        heard = socket.subscribe("MediaChecked")
        settle(socket)
        upload = person.do(server, "RequestUpload", **said, sha256=hashlib.sha256(data).hexdigest())["upload"]
        target = upload["target"]
        sent = httpx.post(
            at(server, target["url"]),
            data={each["name"]: each["value"] for each in target["fields"]},
            files={"file": ("IMG_2031.jpg", data)},
            headers={each["name"]: each["value"] for each in target["headers"]},
            trust_env=False,
        )
        assert sent.status_code == 204, sent.text
        arrived = person.do(server, "CompleteUpload", uploadId=upload["id"])["media"]
        (told,) = socket.events(heard, 1, seconds=30)
    assert (told["media"]["id"], told["media"]["state"]) == (arrived["id"], "READY")
    avatar = person.do(server, "UpdateProfile", avatarId=arrived["id"])["user"]["avatar"]
    shown = httpx.get(at(server, avatar["url"]), trust_env=False)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    picture = Image.open(io.BytesIO(shown.content))
    assert (picture.format, max(picture.size), len(picture.getexif())) == ("WEBP", 96, 0)
    assert b"where we live" not in shown.content


def test_a_photo_becomes_an_avatar(house: House):
    send_avatar(house.servers[0], sign_up(house.servers[0], "ana"))


def test_a_photo_becomes_an_avatar_where_files_are_in_a_bucket(house: House, replaced, s3_server: str):
    bucket = {"MEDIA_BUCKET": BUCKET, "MEDIA_ENDPOINT": s3_server, "MEDIA_REGION": REGION}
    bucket["MEDIA_URL"] = f"{s3_server}/{BUCKET}/"
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "only-for-tests"}
    replaced(**bucket, **keys)
    with house.one_more_server(**bucket, **keys) as server:
        send_avatar(server, sign_up(server, "ana"))
