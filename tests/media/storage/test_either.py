"""What both stores promise, seen by a stock client that knows neither_store."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media.storage.port import Announced, Missing, Part, Stat, Store, TooLarge
from tests.media.sending import fetched, send
from tests.media.tampering import announce

MINUTES = timedelta(minutes=5)
#: The smallest part that S3 takes, but for the last.
FIVE = 5 * 1024 * 1024


def public() -> str:
    return f"public/{secrets.token_hex(16)}/{secrets.token_hex(16)}.webp"


def private(ending: str = ".pdf") -> str:
    return f"private/{secrets.token_hex(16)}/{secrets.token_hex(16)}{ending}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ours."""
    path = tmp_path / "file"
    path.write_bytes(b"what was checked")
    return path


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"x", id="a byte"),
        pytest.param(b"\r\n--\r\n" * 50_000, id="what looks like the end of a form"),
        pytest.param(bytes(range(256)) * 12_000, id="3 MB"),
    ],
)
def test_what_was_announced_arrives_by_the_form_and_can_be_read(
    either_store: Store, data: bytes, tmp_path: Path
):
    announced = announce(data, "image/png")
    target = either_store.target(announced, lasts=MINUTES)

    assert target.method == "POST" and send(target, data).status_code == 204

    stat = either_store.stat(announced.key)
    assert (stat.byte_size, stat.content_type) == (len(data), "image/png")
    assert stat.sha256 in (None, announced.sha256)
    either_store.fetch(announced.key, tmp_path / "came", most=len(data))
    assert (tmp_path / "came").read_bytes() == data


def test_nothing_stands_where_nothing_arrived(either_store: Store, tmp_path: Path):
    key = announce(b"x").key
    with pytest.raises(Missing):
        either_store.stat(key)
    with pytest.raises(Missing):
        either_store.fetch(key, tmp_path / "came", most=10)
    with pytest.raises(Missing):
        either_store.move(key, private(), content_type="application/pdf")
    assert list(tmp_path.iterdir()) == []
    either_store.delete([key])


@pytest.mark.parametrize(
    "key",
    [
        "",
        "quarantine/",
        "quarantine/x",
        "../x",
        "/etc/passwd",
        "quarantine/../public/x",
        "public/\0",
        "parts/x/about",
        f"quarantine/{'0' * 32}\n",
        f"quarantine/{'A' * 32}",
        f"public/{'0' * 32}/{'0' * 32}.html",
    ],
)
def test_a_key_that_is_not_of_our_form_is_nowhere(either_store: Store, key: str, file: Path, tmp_path: Path):
    for deed in (
        lambda: either_store.stat(key),
        lambda: either_store.fetch(key, tmp_path / "came", most=10),
        lambda: either_store.put(key, file, content_type="image/webp"),
        lambda: either_store.move(key, private(), content_type="image/webp"),
        lambda: either_store.target(Announced(key, "image/png", 1, "0" * 64), lasts=MINUTES),
        lambda: either_store.begin_parts(Announced(key, "image/png", 1, "0" * 64)),
        lambda: either_store.parts(key, "0" * 32),
    ):
        with pytest.raises(Missing):
            deed()
    either_store.delete([key])


def test_what_has_more_bytes_than_one_wants_is_not_written(either_store: Store, file: Path, tmp_path: Path):
    key = private()
    either_store.put(key, file, content_type="application/pdf")
    with pytest.raises(TooLarge):
        either_store.fetch(key, tmp_path / "came", most=file.stat().st_size - 1)
    assert not (tmp_path / "came").exists()


def test_to_put_again_is_the_same_and_to_delete_again_too(either_store: Store, file: Path):
    key = public()
    for _ in range(2):
        either_store.put(key, file, content_type="image/webp")
        assert either_store.stat(key).byte_size == 16
    for _ in range(2):
        either_store.delete([key, public()])
        with pytest.raises(Missing):
            either_store.stat(key)


def test_what_is_public_is_seen_by_everybody_for_ever_and_shown_in_place(either_store: Store, file: Path):
    key = public()
    either_store.put(key, file, content_type="image/webp", filename="photo.webp")
    answer = fetched(either_store.public_address(key))
    assert (answer.status_code, answer.content) == (200, b"what was checked")
    assert {
        name: answer.headers[name] for name in ("content-type", "content-disposition", "cache-control")
    } == {
        "content-type": "image/webp",
        "content-disposition": "inline",
        "cache-control": "public, max-age=31536000, immutable",
    }


@pytest.mark.parametrize(
    ("filename", "said"),
    [
        ("", None),
        ("plan.pdf", 'attachment; filename="plan.pdf"'),
        ('a "b".pdf', r'attachment; filename="a \"b\".pdf"'),
        ("año.pdf", "attachment; filename*=utf-8''a%C3%B1o.pdf"),
        ("../../x", 'attachment; filename="x"'),
        ("a\0\r\nb.png", 'attachment; filename="ab.png"'),
        ("\u202egpj.exe", 'attachment; filename="gpj.exe"'),
        ("..", 'attachment; filename="file"'),
        ("x" * 5_000 + ".pdf", f'attachment; filename="{"x" * 100}.pdf"'),
        ("a." + "x" * 5_000, f'attachment; filename="a.{"x" * 98}"'),
    ],
)
def test_what_is_private_is_a_download_of_its_name(
    either_store: Store, file: Path, filename: str, said: str | None
):
    key = private()
    either_store.put(key, file, content_type="application/pdf", filename="kept.pdf")
    answer = fetched(either_store.signed_address(key, lasts=MINUTES, filename=filename))
    assert (answer.status_code, answer.content) == (200, b"what was checked")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    if said is not None:
        assert answer.headers["content-disposition"] == said
    else:
        assert answer.headers["content-disposition"].startswith("attachment; filename=")


def test_what_arrived_is_moved_once_and_is_then_ours(either_store: Store):
    announced = announce(b"a plan", "application/pdf")
    send(either_store.target(announced, lasts=MINUTES), b"a plan")
    key = private()
    for _ in range(2):
        either_store.move(announced.key, key, content_type="application/pdf", filename="plan.pdf")
        with pytest.raises(Missing):
            either_store.stat(announced.key)
        stat = either_store.stat(key)
        assert (stat.byte_size, stat.content_type) == (6, "application/pdf")
    address = either_store.signed_address(key, lasts=MINUTES, filename="plan.pdf")
    assert fetched(address).headers["content-disposition"] == 'attachment; filename="plan.pdf"'


def test_keys_come_in_their_order_from_any_place_on(either_store: Store, file: Path):
    begin = datetime.now(UTC) - timedelta(seconds=2)
    # A prefix of this test's own.
    room = f"private/{secrets.token_hex(15)}"
    keys = sorted(f"{room}{i:02x}/{secrets.token_hex(16)}.pdf" for i in range(12))
    for key in keys:
        either_store.put(key, file, content_type="application/pdf")

    found = list(either_store.keys(room))
    assert [key for key, _ in found] == keys
    assert all(begin <= written <= datetime.now(UTC) + timedelta(seconds=2) for _, written in found)
    assert [key for key, _ in either_store.keys(room, after=keys[4])] == keys[5:]
    assert [key for key, _ in either_store.keys("private/", after=keys[10]) if key.startswith(room)] == keys[
        11:
    ]
    assert list(either_store.keys("public/no-such")) == list(either_store.keys(room, after=keys[-1])) == []
    assert {key.partition("/")[0] for key, _ in either_store.keys("")} <= {
        *("open-data", "private", "public", "quarantine")
    }


def test_a_large_file_comes_in_parts_is_taken_up_again_and_becomes_one(either_store: Store, tmp_path: Path):
    data = secrets.token_bytes(FIVE) + secrets.token_bytes(FIVE) + b"the end"
    announced = announce(data, "text/csv")
    pieces = {1: data[:FIVE], 2: data[FIVE : 2 * FIVE], 3: data[2 * FIVE :]}
    upload_id = either_store.begin_parts(announced)
    assert either_store.parts(announced.key, upload_id) == []

    def put(number: int, piece: bytes) -> str:
        target = either_store.part_target(
            announced.key, upload_id, number, byte_size=len(piece), lasts=MINUTES
        )
        assert target.method == "PUT"
        answer = send(target, piece)
        assert answer.status_code == 200
        return answer.headers["etag"]

    put(1, secrets.token_bytes(FIVE))
    tags = {3: put(3, pieces[3]), 1: put(1, pieces[1])}
    came = either_store.parts(announced.key, upload_id)
    assert came == [Part(1, FIVE, tags[1]), Part(3, 7, tags[3])]
    with pytest.raises(Missing):
        either_store.finish_parts(announced.key, upload_id, [came[0], Part(2, FIVE, '"0"'), came[1]])
    with pytest.raises(Missing):
        either_store.finish_parts(announced.key, upload_id, [])
    with pytest.raises(Missing):
        either_store.stat(announced.key)

    put(2, pieces[2])
    came = either_store.parts(announced.key, upload_id)
    for _ in range(2):
        either_store.finish_parts(announced.key, upload_id, came)
    assert either_store.stat(announced.key) == Stat(len(data), "text/csv", None)
    either_store.fetch(announced.key, tmp_path / "came", most=len(data))
    assert hashlib.sha256((tmp_path / "came").read_bytes()).hexdigest() == announced.sha256
    with pytest.raises(Missing):
        either_store.parts(announced.key, upload_id)


def test_an_upload_that_is_abandoned_takes_its_parts_along(either_store: Store):
    announced = announce(b"x" * 10, "text/csv")
    upload_id = either_store.begin_parts(announced)
    target = either_store.part_target(announced.key, upload_id, 1, byte_size=10, lasts=MINUTES)
    assert send(target, b"x" * 10).status_code == 200
    for _ in range(2):
        either_store.abandon_parts(announced.key, upload_id)
        with pytest.raises(Missing):
            either_store.parts(announced.key, upload_id)
    assert send(target, b"x" * 10).status_code >= 400
    with pytest.raises(Missing):
        either_store.finish_parts(announced.key, upload_id, [Part(1, 10, '"0"')])


@pytest.mark.parametrize("nonsense", ["", "x", "../../x", "\0", "é" * 16, "0" * 5000, "a?b#c%2f"])
def test_an_upload_that_nobody_began_is_not_there(either_store: Store, nonsense: str):
    key = announce(b"x", "text/csv").key
    with pytest.raises(Missing):
        either_store.parts(key, nonsense)
    with pytest.raises(Missing):
        either_store.finish_parts(key, nonsense, [Part(1, 10, '"0"')])
    either_store.abandon_parts(key, nonsense)


def test_what_nobody_finishes_is_forgotten_and_what_goes_on_is_not(either_store: Store):
    announced = announce(b"x", "text/csv")
    upload_id = either_store.begin_parts(announced)
    # Every upload of this S3 says that it began in 2010.
    either_store.forget_unfinished(before=datetime(2010, 1, 1, tzinfo=UTC))
    assert either_store.parts(announced.key, upload_id) == []
    either_store.forget_unfinished(before=datetime.now(UTC) + timedelta(seconds=2))
    with pytest.raises(Missing):
        either_store.parts(announced.key, upload_id)
