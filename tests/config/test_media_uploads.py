"""Forms and parts that browsers send to a folder: at both servers, to the byte, and nothing but what was signed."""

import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from media.storage import folder, signatures
from media.storage.disk import Arriving
from media.storage.folder import Folder
from media.storage.port import Missing, Stat
from tests.media.sending import Sending, posted, send, sending
from tests.media.stores import everything, names
from tests.media.tampering import TAMPERINGS, Tampering, announce, case_of
from tests.serving import eventually

MINUTES = timedelta(minutes=5)
DATA = b"what was announced"


@pytest.fixture(params=["granian", "uvicorn"])
def door(request: pytest.FixtureRequest, settings: Settings, media_kept: Path) -> Folder:
    """The folder behind each of the two servers."""
    name = "folder_server" if request.param == "granian" else "folder_server_of_development"
    settings.MEDIA_URL = f"{request.getfixturevalue(name)}/media/"
    settings.MEDIA_BUCKET, settings.MEDIA_FOLDER = "", str(media_kept / "media")
    (media_kept / "media").mkdir(exist_ok=True)
    return folder()


def test_the_control_an_honest_form_is_taken(door: Folder):
    honest = case_of(door)
    assert honest.honest.send().status_code == 204
    assert door.stat(honest.announced.key) == Stat(len(DATA), "image/png", honest.announced.sha256)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_a_form_that_was_tampered_with_is_refused_and_leaves_nothing(
    door: Folder, tampering: Tampering, settings: Settings
):
    form = tampering.of(case_of(door))
    if form.times > 1:
        assert Sending(form.url, form.fields).send().status_code == 204
        form = Sending(form.url, form.fields)
    before = everything(Path(settings.MEDIA_FOLDER))

    answer = form.send()

    assert (answer.status_code, answer.text) in {
        "twice": [(409, "It has arrived already.\n")],
        "in chunks, of no said length": [(411, "Say how long it is: Content-Length.\n")],
    }.get(
        tampering.name,
        [
            (403, "This was not signed for this, or it has run out.\n"),
            (403, "This is not what was announced.\n"),
        ],
    )
    assert everything(Path(settings.MEDIA_FOLDER)) == before


SIGNED_ONLY = (
    "the key of something else",
    "another type",
    "a later end",
    "when it has run out",
    "an empty signature",
)


@pytest.mark.parametrize("name", [*SIGNED_ONLY, "the signature of something else"])
def test_the_control_a_door_that_looks_at_no_signature_takes_these(
    folder_here: Folder, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signatures, "check", lambda names, said: None)
    (tampering,) = (each for each in TAMPERINGS if each.name == name)
    assert posted(tampering.of(case_of(folder_here))) == (204, "")


def test_the_control_a_door_that_counts_no_checksum_takes_other_bytes(
    folder_here: Folder, monkeypatch: pytest.MonkeyPatch
):
    (tampering,) = (each for each in TAMPERINGS if each.name == "other bytes, as many")
    case = case_of(folder_here)
    monkeypatch.setattr(Arriving, "settle", lambda self: case.announced.sha256)
    assert posted(tampering.of(case)) == (204, "")


@pytest.mark.parametrize(
    "filename", ["../../x", "a\0.png", "\u202egpj.exe", "x" * 3000, "a%22%0d%0ab", "", "/etc/passwd"]
)
def test_how_somebody_calls_their_file_is_nothing_to_the_store(
    folder_here: Folder, filename: str, settings: Settings
):
    honest = case_of(folder_here)
    assert posted(sending(folder_here.target(honest.announced, lasts=MINUTES), DATA, filename)) == (204, "")
    assert names(Path(settings.MEDIA_FOLDER)) == {honest.announced.key, f"facts/{honest.announced.key}"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("", b"x"),
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"x"),
        ("multipart/form-data; boundary=b", b"--b"),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nx'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--b--',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n\xff\r\n--b--',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"x" * 5000 + b"\r\n--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            b"".join(
                b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n' % number
                for number in range(50)
            )
            + b"--b--\r\n",
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"x" * 100_000),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"x: y\r\n" * 1_000 + b"\r\n\r\n--b--\r\n"),
        ("multipart/form-data; boundary=" + "b" * 2_000, b"--" + b"b" * 2_000 + b"\r\n"),
        ('multipart/form-data; boundary="b\\', b"--b\r\n"),
        ("multipart/form-data; boundary=\xe9", b"--\xe9\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"\0" * 2_000_000),
        ("application/x-www-form-urlencoded", b"key=x"),
    ],
)
def test_what_is_no_form_is_refused_and_leaves_nothing(
    door: Folder, content_type: str, body: bytes, settings: Settings
):
    before = everything(Path(settings.MEDIA_FOLDER))
    answer = httpx.post(
        f"{settings.MEDIA_URL}uploads",
        content=body,
        headers={"Content-Type": content_type.encode("latin-1")},
        trust_env=False,
        timeout=20,
    )
    assert (answer.status_code, answer.headers["content-type"]) in ((400, "text/plain"), (403, "text/plain"))
    assert everything(Path(settings.MEDIA_FOLDER)) == before


@hypothesis_settings(max_examples=150)
@given(data=st.data())
def test_whatever_is_changed_of_a_form_nothing_but_what_was_announced_is_ever_kept(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("media")
        patch.setattr(django_settings, "MEDIA_FOLDER", str(root))
        patch.setattr(django_settings, "MEDIA_URL", "http://testserver/media/")
        honest = case_of(folder())
        form = honest.honest
        body = bytearray(form.body)
        for _ in range(data.draw(st.integers(1, 3))):
            begin = data.draw(st.integers(0, len(body)))
            end = data.draw(st.integers(begin, min(begin + 30, len(body))))
            body[begin:end] = data.draw(st.binary(max_size=10))
        answer = Client().post("/media/uploads", bytes(body), content_type=form.content_type)

        key = honest.announced.key
        expected = {key, f"facts/{key}"}
        assert (answer.status_code, names(root)) in ((204, expected), (400, set()), (403, set()))
        if answer.status_code == 204:
            assert (root / key).read_bytes() == DATA


def test_of_many_who_send_the_same_form_at_once_one_is_taken(door: Folder, settings: Settings):
    form = case_of(door).honest
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda _: form.send(), range(8)))
    assert statuses == [204] + [409] * 7
    assert not list((Path(settings.MEDIA_FOLDER) / "arriving").iterdir())


@pytest.mark.parametrize("half", [0.3, 0.99])
def test_whoever_leaves_before_the_end_leaves_nothing(door: Folder, settings: Settings, half: float):
    data = secrets.token_bytes(1_000_000)
    announced = announce(data)
    form = sending(door.target(announced, lasts=MINUTES), data)
    before = everything(Path(settings.MEDIA_FOLDER))
    where = urlsplit(form.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        head = f"POST {where.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {form.content_type}\r\n"
        connection.sendall(f"{head}Content-Length: {len(form.body)}\r\n\r\n".encode())
        connection.sendall(form.body[: int(len(form.body) * half)])
    eventually(lambda: everything(Path(settings.MEDIA_FOLDER)) == before)
    with pytest.raises(Missing):
        door.stat(announced.key)
    # And may come again.
    assert form.send().status_code == 204


def test_a_large_file_is_never_held_in_memory(door: Folder, settings: Settings, media_kept: Path):
    data = secrets.token_bytes(1024 * 1024) * 96
    announced = announce(data)
    before = _largest_server(media_kept)
    assert send(door.target(announced, lasts=MINUTES), data).status_code == 204
    door.put(
        key := f"private/{'1' * 32}/{'2' * 32}.csv",
        Path(settings.MEDIA_FOLDER, announced.key),
        content_type="text/csv",
    )
    came = 0
    with httpx.stream("GET", door.signed_address(key, lasts=MINUTES), trust_env=False) as answer:
        for piece in answer.iter_bytes():
            came += len(piece)
    door.delete([announced.key, key])
    assert came == len(data)
    assert _largest_server(media_kept) - before < 40 * 1024


def _largest_server(kept: Path) -> int:
    """Of the servers around this folder, how much the largest has ever held, in KiB."""
    return max(
        int(line.split()[1])
        for process in Path("/proc").glob("[0-9]*")
        if str(kept).encode() in _read(process / "environ") and b"config." in _read(process / "cmdline")
        for line in _read(process / "status").decode().splitlines()
        if line.startswith("VmHWM")
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("size", [900_000, 30_000_000])
def test_whoever_is_refused_early_is_told_so_and_is_not_read_to_the_end(door: Folder, size: int):
    announced = announce(b"x" * size)
    late = sending(door.target(announced, lasts=timedelta(seconds=-1)), b"x" * size)
    assert late.send().status_code == 403
    with pytest.raises(Missing):
        door.stat(announced.key)


def test_whoever_stops_listening_leaves_no_file_open(door: Folder, media_kept: Path, tmp_path: Path):
    (tmp_path / "large").write_bytes(b"x" * 20_000_000)
    key = f"private/{secrets.token_hex(16)}/{secrets.token_hex(16)}.csv"
    door.put(key, tmp_path / "large", content_type="text/csv")
    for _ in range(5):
        with httpx.stream("GET", door.signed_address(key, lasts=MINUTES), trust_env=False) as answer:
            assert len(next(answer.iter_raw(1_000))) == 1_000
    eventually(lambda: not _open(media_kept, key), 5)


def _open(kept: Path, key: str) -> list[str]:
    """Where the servers hold it open."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if str(kept).encode() in _read(process / "environ"):
            # One that is closed meanwhile is not open.
            with suppress(OSError):
                found += [
                    str(link) for link in (process / "fd").iterdir() if str(link.readlink()).endswith(key)
                ]
    return found
