"""What browsers get of a folder, with which headers, and at which host; and what they are refused."""

import json
import resource
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from pytest_django import Settings

from config import wsgi as wsgi_door
from config.settings import MIDDLEWARE
from media.storage.folder import Folder
from media.storage.port import Missing
from tests.config.test_wsgi import answered, environ
from tests.media.sending import posted, sending
from tests.media.stores import everything
from tests.media.tampering import announce, case_of

MINUTES = timedelta(minutes=5)
DATA = b"what was announced"
HARMLESS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
    "referrer-policy": "no-referrer",
}


@pytest.fixture
def image(folder_here: Folder, tmp_path: Path) -> str:
    """The key of something public."""
    (tmp_path / "image").write_bytes(b"an image")
    folder_here.put(
        key := f"public/{'a' * 32}/{'b' * 32}.webp", tmp_path / "image", content_type="image/webp"
    )
    return key


@pytest.fixture
def plan(folder_here: Folder, tmp_path: Path) -> str:
    """The key of something private."""
    (tmp_path / "plan").write_bytes(b"a plan")
    key = f"private/{'c' * 32}/{'d' * 32}.pdf"
    folder_here.put(key, tmp_path / "plan", content_type="application/pdf", filename="plan.pdf")
    return key


def test_what_is_public_is_served_with_exactly_these_headers(folder_here: Folder, image: str):
    answer = Client().get(
        urlsplit(folder_here.public_address(image)).path, headers={"Origin": "https://elsewhere.example"}
    )
    assert (answer.status_code, answer.getvalue()) == (200, b"an image")
    assert {name.lower(): value for name, value in answer.items()} == HARMLESS | {
        "content-type": "image/webp",
        "content-length": "8",
        "accept-ranges": "bytes",
        "content-disposition": "inline",
        "cache-control": "public, max-age=31536000, immutable",
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
        "etag": f'"{"b" * 32}"',
        # Those of every answer.
        "cross-origin-opener-policy": "same-origin",
        "x-frame-options": "DENY",
        "x-request-id": answer["X-Request-Id"],
    }


def test_what_is_private_is_served_with_exactly_these_headers(folder_here: Folder, plan: str):
    answer = Client().get(
        folder_here.signed_address(plan, lasts=MINUTES), headers={"Origin": "http://localhost:3000"}
    )
    assert (answer.status_code, answer.getvalue()) == (200, b"a plan")
    assert {name.lower(): value for name, value in answer.items()} == HARMLESS | {
        "content-type": "application/pdf",
        "content-length": "6",
        "accept-ranges": "bytes",
        "etag": f'"{"d" * 32}"',
        "content-disposition": 'attachment; filename="plan.pdf"',
        "cache-control": "private, no-store",
        "vary": "Origin",
        "access-control-allow-origin": "http://localhost:3000",
        "access-control-expose-headers": "ETag, Retry-After",
        "cross-origin-opener-policy": "same-origin",
        "x-frame-options": "DENY",
        "x-request-id": answer["X-Request-Id"],
    }


def test_whoever_has_it_already_is_told_that_it_is_the_same(folder_here: Folder, image: str):
    address = urlsplit(folder_here.public_address(image)).path
    same = Client().get(address, headers={"If-None-Match": f'"{"b" * 32}"'})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", f'"{"b" * 32}"')
    assert same["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Client().get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_head_has_no_body_and_the_same_length(folder_here: Folder, image: str, plan: str):
    for address, length in (
        (folder_here.public_address(image), "8"),
        (folder_here.signed_address(plan, lasts=MINUTES), "6"),
    ):
        answer = Client().head(address)
        assert (answer.status_code, answer["Content-Length"], answer.content) == (200, length, b"")


@pytest.mark.parametrize(
    ("asked", "status", "said", "came"),
    [
        ("bytes=0-2", 206, "bytes 0-2/8", b"an "),
        ("bytes=3-", 206, "bytes 3-7/8", b"image"),
        ("bytes=3-99", 206, "bytes 3-7/8", b"image"),
        ("bytes=-2", 206, "bytes 6-7/8", b"ge"),
        ("bytes=-99", 206, "bytes 0-7/8", b"an image"),
        ("bytes=8-", 416, "bytes */8", b""),
        ("bytes=-0", 416, "bytes */8", b""),
        *(
            (odd, 200, None, b"an image")
            for odd in ("", "bytes=5-3", "bytes=0-1,3-4", "bytes=", "bytes=-", "lines=0-1")
        ),
        *(
            (odd, 200, None, b"an image")
            for odd in ("bytes=\u0663-", "bytes=0-" + "9" * 5_000, "bytes=0-1\n", "bytes=0x1-")
        ),
    ],
)
@pytest.mark.usefixtures("image")
def test_a_part_of_a_file_is_sent_to_whoever_goes_on_with_it(
    asked: str, status: int, said: str | None, came: bytes
):
    answer = Client().get(f"/media/public/{'a' * 32}/{'b' * 32}.webp", headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range"), answer.getvalue()) == (
        status,
        said,
        came,
    )
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Content-Length"] == str(len(came))


def test_whoever_goes_on_with_another_file_gets_all_of_this_one(folder_here: Folder, plan: str):
    address = folder_here.signed_address(plan, lasts=MINUTES)
    for tag, expected in ((f'"{"d" * 32}"', (206, b"plan")), ('"another"', (200, b"a plan"))):
        answer = Client().get(address, headers={"Range": "bytes=2-", "If-Range": tag})
        assert (answer.status_code, answer.getvalue()) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said | {"expires": str(int(said["expires"]) + 1)},
        lambda said: said | {"filename": "other.pdf"},
        lambda said: said | {"signature": ""},
        lambda said: said | {"signature": "\0é:" + said["signature"]},
        lambda said: said | {"more": "x"},
        lambda said: {name: value for name, value in said.items() if name != "filename"},
        lambda said: {},
        lambda said: [*said.items(), ("filename", "plan.pdf")],
        lambda said: [(f"n{number}", "x") for number in range(500)],
    ],
)
def test_an_address_that_was_tampered_with_leads_nowhere(folder_here: Folder, plan: str, change):
    address = urlsplit(folder_here.signed_address(plan, lasts=MINUTES, filename="plan.pdf"))
    said = dict(parse_qsl(address.query, keep_blank_values=True))
    assert Client().get(address.geturl()).status_code == 200
    answer = Client().get(f"{address.path}?{urlencode(change(said))}")
    assert (answer.status_code, answer.content) == (
        403,
        b"This was not signed for this, or it has run out.\n",
    )


def test_an_address_that_has_run_out_leads_nowhere(folder_here: Folder, plan: str):
    assert Client().get(folder_here.signed_address(plan, lasts=timedelta(seconds=-1))).status_code == 403


def test_an_address_is_good_for_one_file(folder_here: Folder, plan: str, tmp_path: Path):
    other = f"private/{'c' * 32}/{'e' * 32}.pdf"
    folder_here.put(other, tmp_path / "plan", content_type="application/pdf")
    mine = urlsplit(folder_here.signed_address(plan, lasts=MINUTES))
    assert Client().get(f"/media/{other}?{mine.query}").status_code == 403
    folder_here.delete([plan])
    assert Client().get(mine.geturl()).status_code == 404


def test_what_is_private_or_has_just_arrived_has_no_address_of_its_own(folder_here: Folder, plan: str):
    announced = case_of(folder_here).announced
    send_here = sending(folder_here.target(announced, lasts=MINUTES), DATA)
    assert posted(send_here) == (204, "")
    assert Client().get(f"/media/{plan}").status_code == 403
    for path in (
        announced.key,
        f"facts/{plan}",
        "arriving/",
        "parts/",
        "",
        "public",
        "../config/settings.py",
    ):
        assert Client().get(f"/media/{path}").status_code in (404, 405), path


@pytest.mark.parametrize(
    "key",
    [
        "public/x",
        "public/..%2f..%2fetc/passwd",
        "public/%00",
        f"public/{'a' * 32}/",
        f"public/{'a' * 32}/{'b' * 32}.webp%0a",
        f"public/{'a' * 32}",
        f"public/{'f' * 32}/{'b' * 32}.webp",
        f"public/{'a' * 32}/../{'a' * 32}/{'b' * 32}.webp",
        "public//",
    ],
)
def test_any_other_name_is_not_there(folder_here: Folder, image: str, key: str):
    assert Client().get(f"/media/{key}").status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(folder_here: Folder, image: str, tmp_path: Path):
    (tmp_path / "secret").write_text("secret")
    link = tmp_path / "media" / "public" / ("a" * 32) / f"{'c' * 32}.webp"
    link.symlink_to(tmp_path / "secret")
    key = str(link.relative_to(tmp_path / "media"))
    assert Client().get(f"/media/{key}").status_code == 404
    with pytest.raises(Missing):
        folder_here.stat(key)
    with pytest.raises(Missing):
        folder_here.fetch(key, tmp_path / "came", most=100)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_what_is_served_is_only_fetched(folder_here: Folder, image: str, plan: str, method: str):
    for address in (folder_here.public_address(image), folder_here.signed_address(plan, lasts=MINUTES)):
        assert getattr(Client(), method)(address).status_code == 405


@pytest.mark.parametrize(("path", "allowed"), [("uploads", "POST"), ("parts", "PUT")])
def test_what_receives_is_not_fetched_and_tells_browsers_whose_pages_may_send(
    folder_here: Folder, path: str, allowed: str
):
    for method in {"get", "post", "put", "delete", "patch"} - {allowed.lower()}:
        assert getattr(Client(), method)(f"/media/{path}").status_code == 405
    answer = Client().options(f"/media/{path}", headers={"Origin": "http://localhost:3000"})
    assert (answer.status_code, answer.content, answer["Vary"]) == (204, b"", "Origin")
    assert {name: value for name, value in answer.items() if name.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": "http://localhost:3000",
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "7200",
        "Access-Control-Expose-Headers": "ETag, Retry-After",
    }
    for origin in ("https://elsewhere.example", "null", "x" * 5_000):
        stranger = Client().options(f"/media/{path}", headers={"Origin": origin})
        assert (stranger.status_code, "Access-Control-Allow-Origin" in stranger) == (204, False)


def test_the_page_that_sends_can_read_the_etag_of_its_part(folder_here: Folder):
    announced = announce(b"x", "text/csv")
    upload_id = folder_here.begin_parts(announced)
    target = folder_here.part_target(announced.key, upload_id, 1, byte_size=1, lasts=MINUTES)
    answer = Client(enforce_csrf_checks=True).put(
        target.url, b"x", headers={"Origin": "http://localhost:3000"}
    )
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "http://localhost:3000")
    (part,) = folder_here.parts(announced.key, upload_id)
    assert (answer["ETag"], answer["Access-Control-Expose-Headers"]) == (part.etag, "ETag, Retry-After")


@pytest.mark.parametrize(
    ("change", "data"),
    [
        ({}, b"12345"),
        ({}, b"123456789"),
        ({"byte-size": "9"}, b"123456789"),
        ({"number": "2"}, b"12345678"),
        ({"number": "../../x"}, b"12345678"),
        ({"upload-id": "0" * 32}, b"12345678"),
        ({"upload-id": ".."}, b"12345678"),
        ({"key": f"quarantine/{'0' * 32}"}, b"12345678"),
        ({"expires": "9999999999"}, b"12345678"),
        ({"signature": "x"}, b"12345678"),
        ({"more": "x"}, b"12345678"),
    ],
)
def test_a_part_that_is_not_what_was_signed_is_refused(
    folder_here: Folder, settings: Settings, change: dict[str, str], data: bytes
):
    announced = announce(b"12345678", "text/csv")
    upload_id = folder_here.begin_parts(announced)
    address = urlsplit(folder_here.part_target(announced.key, upload_id, 1, byte_size=8, lasts=MINUTES).url)
    before = everything(Path(settings.MEDIA_FOLDER))
    query = urlencode(dict(parse_qsl(address.query)) | change)
    assert Client().put(f"{address.path}?{query}", data).status_code == 403
    assert everything(Path(settings.MEDIA_FOLDER)) == before
    assert Client().put(address.geturl(), b"12345678").status_code == 200


def test_a_part_is_refused_when_its_address_has_run_out(folder_here: Folder, settings: Settings):
    announced = announce(b"x", "text/csv")
    upload_id = folder_here.begin_parts(announced)
    before = everything(Path(settings.MEDIA_FOLDER))
    late = folder_here.part_target(announced.key, upload_id, 1, byte_size=1, lasts=timedelta(seconds=-1))
    assert Client().put(late.url, b"x").status_code == 403
    assert everything(Path(settings.MEDIA_FOLDER)) == before


def test_what_is_signed_for_one_purpose_is_good_for_no_other(folder_here: Folder, plan: str):
    form = folder_here.target(announce(DATA), lasts=MINUTES).fields
    for path in ("parts", plan):
        address = f"/media/{path}?{urlencode(form)}"
        answer = Client().put(address, b"x") if path == "parts" else Client().get(address)
        assert answer.status_code == 403


def test_a_form_that_was_signed_before_the_key_was_replaced_is_taken(folder_here: Folder, settings: Settings):
    form = case_of(folder_here).honest
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 10, [settings.SECRET_KEY]
    assert posted(form) == (204, "")
    settings.SECRET_KEY_FALLBACKS = []
    assert posted(case_of(folder_here).honest)[0] == 204
    settings.SECRET_KEY = "and-another-" * 10
    assert posted(form)[0] == 403


@pytest.mark.parametrize(
    "path", ["uploads", "parts", f"public/{'a' * 32}/{'b' * 32}.webp", f"private/{'c' * 32}/{'d' * 32}.pdf"]
)
def test_where_a_bucket_has_the_files_there_is_nothing_here(
    folder_here: Folder, image: str, plan: str, path: str, settings: Settings
):
    addresses = {
        "uploads": ("post", "/media/uploads"),
        "parts": ("put", "/media/parts"),
        "public": ("get", folder_here.public_address(image)),
        "private": ("get", folder_here.signed_address(plan, lasts=MINUTES)),
    }
    method, address = addresses[path.partition("/")[0]]
    assert getattr(Client(), method)(address).status_code in (200, 403, 411)
    settings.MEDIA_BUCKET = "acequia-media"
    assert getattr(Client(), method)(address).status_code == 404


def test_a_folder_that_is_gone_or_full_answers_that_it_is_away_and_keeps_nothing(
    folder_here: Folder, settings: Settings
):
    form = case_of(folder_here).honest
    whole = sending(folder_here.target(announce(b"x" * 5_000), lasts=MINUTES), b"x" * 5_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        assert posted(whole) == (503, "It cannot be kept now; try again.\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(Path(settings.MEDIA_FOLDER)) == set()
    assert posted(whole) == (204, "")

    folder_here.delete([whole.value("key")])
    root = Path(settings.MEDIA_FOLDER)
    root.rename(root.with_name("moved"))
    root.write_text("a file")
    assert posted(form)[0] == 503
    assert Client().get(f"/media/public/{'a' * 32}/{'b' * 32}.webp").status_code == 503


def test_under_asgi_it_is_sent_a_piece_at_a_time(folder_here: Folder, tmp_path: Path):
    (tmp_path / "large").write_bytes(data := secrets.token_bytes(600_000))
    folder_here.put(
        key := f"public/{'a' * 32}/{'b' * 32}.webp", tmp_path / "large", content_type="image/webp"
    )

    async def got() -> list[bytes]:
        answer = await AsyncClient().get(f"/media/{key}")
        assert answer.is_async
        return [piece async for piece in answer.streaming_content]

    pieces = async_to_sync(got)()
    assert b"".join(pieces) == data and [len(piece) for piece in pieces] == [262_144, 262_144, 75_712]


@pytest.fixture
def apart(folder_here: Folder, settings: Settings) -> Settings:
    """A server of production, whose files have a host of their own."""
    settings.MEDIA_HOST, settings.MEDIA_URL = "media.example.org", "https://media.example.org/media/"
    settings.ALLOWED_HOSTS = ["acequia.example.org", "media.example.org"]
    return settings


def test_files_are_at_their_own_host_and_nothing_else_is(
    apart: Settings, image: str, plan: str, folder_here: Folder
):
    files, site = (
        Client(headers={"Host": "media.example.org"}),
        Client(headers={"Host": "acequia.example.org"}),
    )
    assert files.get(f"/media/{image}").status_code == 200
    assert (
        files.get(
            urlsplit(folder_here.signed_address(plan, lasts=MINUTES))._replace(scheme="", netloc="").geturl()
        ).status_code
        == 200
    )
    assert site.get(f"/media/{image}").status_code == 404
    assert site.post("/media/uploads").status_code == 404
    assert (site.get("/healthz").status_code, site.get("/admin/login/").status_code) == (200, 200)
    for path in (
        "/healthz",
        "/admin/login/",
        "/graphql",
        "/static/admin/css/base.css",
        "/",
        "/mediax",
        "/exports/x",
    ):
        assert files.get(path).status_code == 404, path
    assert (
        files.post("/graphql", b'{"query":"{__typename}"}', content_type="application/json").status_code
        == 404
    )
    assert Client(headers={"Host": "elsewhere.example"}).get(f"/media/{image}").status_code == 400


def test_the_quick_door_does_not_answer_at_the_host_of_files_either(apart: Settings, db: None):
    wsgi_door._is_ours.cache_clear()
    body = json.dumps({"query": "{ __typename }"}).encode()
    try:
        for host, expected in (("media.example.org", "404 Not Found"), ("acequia.example.org", "200 OK")):
            asked = environ(body, HTTP_HOST=host, HTTP_X_FORWARDED_PROTO="https")
            assert answered(wsgi_door.application, asked)[0] == expected
    finally:
        wsgi_door._is_ours.cache_clear()


def test_files_are_told_apart_before_anything_is_answered():
    assert MIDDLEWARE.index("config.door.media_apart") < MIDDLEWARE.index("config.door.graphql_first")


def test_a_store_that_is_away_makes_no_server_unready(settings: Settings, db: None):
    listener = socket.create_server(("127.0.0.1", 0))
    settings.MEDIA_BUCKET = "acequia-media"
    settings.MEDIA_ENDPOINT = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert Client().get("/readyz").status_code == 200
    # Nor is it asked: a probe would wait for it.
    listener.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()
