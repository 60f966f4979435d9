"""What only a folder has to see to: that nothing is half there, whoever is killed and whoever comes at the same moment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.local.places import CHECKOUT
from media.storage import disk
from media.storage.folder import Folder
from media.storage.port import Missing, Part, StorageAway
from tests.media.stores import names
from tests.media.tampering import announce
from tests.serving import eventually

PUBLIC = f"public/{'a' * 32}/{'b' * 32}.webp"
#: Writes one file again and again, until somebody kills it.
WRITER = """
import sys, django
django.setup()
from pathlib import Path
from media.storage.folder import Folder
store, source = Folder(Path(sys.argv[1])), Path(sys.argv[2])
print("ready", flush=True)
while True:
    store.put(sys.argv[3], source, content_type="image/webp")
"""


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "media")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)
    return path


def test_whoever_is_killed_while_it_writes_leaves_all_of_it_or_nothing(
    store: Folder, file: Path, tmp_path: Path
):
    command = [sys.executable, "-c", WRITER, str(tmp_path / "media"), str(file), PUBLIC]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout and writer.stdout.readline() == b"ready\n"
        # It is killed while it writes, and not between: for a half-written file is there.
        half = tmp_path / "media" / "arriving"
        eventually(lambda: any(entry.stat().st_size for entry in disk.entries(half) if _is_there(entry)))
        writer.send_signal(signal.SIGKILL)
    for key in names(tmp_path / "media"):
        if key == PUBLIC:
            assert store.stat(key).byte_size == 3_000_000
    store.forget_unfinished(before=datetime.now(UTC) - timedelta(hours=1))
    store.put(PUBLIC, file, content_type="image/webp")
    assert (store.stat(PUBLIC).byte_size, store.stat(PUBLIC).content_type) == (3_000_000, "image/webp")
    store.forget_unfinished(before=datetime.now(UTC) + timedelta(seconds=1))
    assert names(tmp_path / "media") == {PUBLIC, f"facts/{PUBLIC}"}


def _is_there(entry: os.DirEntry[str]) -> bool:
    try:
        entry.stat()
    except FileNotFoundError:
        return False
    return True


def test_a_reader_never_sees_a_file_that_is_being_written(store: Folder, file: Path, tmp_path: Path):
    store.put(PUBLIC, file, content_type="image/webp")
    end = time.monotonic() + 1

    def write() -> None:
        while time.monotonic() < end:
            store.put(PUBLIC, file, content_type="image/webp")

    def read(number: int) -> set[int]:
        sizes = set()
        while time.monotonic() < end:
            store.fetch(PUBLIC, came := tmp_path / f"came-{number}", most=4_000_000)
            sizes |= {came.stat().st_size, store.stat(PUBLIC).byte_size}
        return sizes

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write)
        assert set().union(*pool.map(read, range(3))) == {3_000_000}
        writing.result()


def test_a_folder_that_is_removed_because_it_is_empty_is_made_again_for_whoever_comes(
    store: Folder, tmp_path: Path
):
    (tmp_path / "small").write_bytes(b"x")
    folder = f"private/{'a' * 32}"

    def put_and_delete(number: int) -> None:
        key = f"{folder}/{number:032x}"
        for _ in range(60):
            store.put(key, tmp_path / "small", content_type="image/webp")
            store.delete([key])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put_and_delete, range(8)))
    assert names(tmp_path / "media") == set()
    assert not (tmp_path / "media" / folder).exists() and not (tmp_path / "media" / "facts" / folder).exists()


def test_of_two_who_finish_the_same_parts_both_have_finished(store: Folder, tmp_path: Path):
    announced = announce(b"abcdef", "text/csv")
    upload_id = store.begin_parts(announced)
    for number, piece in enumerate((b"abc", b"def"), 1):
        with store.arriving(3) as came:
            came.write(piece)
            store.keep_part(announced.key, upload_id, number, came)
    parts = store.parts(announced.key, upload_id)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: store.finish_parts(announced.key, upload_id, parts), range(6)))
    store.fetch(announced.key, tmp_path / "came", most=6)
    assert (tmp_path / "came").read_bytes() == b"abcdef"
    assert names(tmp_path / "media") == {announced.key, f"facts/{announced.key}"}


def test_a_part_that_was_sent_anew_is_another(store: Folder):
    announced = announce(b"abc", "text/csv")
    upload_id = store.begin_parts(announced)
    tags = []
    for piece in (b"abc", b"abd"):
        with store.arriving(3) as came:
            came.write(piece)
            tags.append(store.keep_part(announced.key, upload_id, 1, came))
    assert tags[0] != tags[1] and store.parts(announced.key, upload_id) == [Part(1, 3, tags[1])]
    with pytest.raises(Missing):
        store.finish_parts(announced.key, upload_id, [Part(1, 3, tags[0])])


def test_a_part_that_comes_after_the_upload_was_abandoned_is_nowhere(store: Folder, tmp_path: Path):
    announced = announce(b"abc", "text/csv")
    upload_id = store.begin_parts(announced)
    with store.arriving(3) as came:
        came.write(b"abc")
        store.abandon_parts(announced.key, upload_id)
        with pytest.raises(Missing):
            store.keep_part(announced.key, upload_id, 1, came)
    assert names(tmp_path / "media") == set()


def test_what_nothing_is_known_of_is_bytes(store: Folder, tmp_path: Path):
    path = tmp_path / "media" / PUBLIC
    path.parent.mkdir(parents=True)
    path.write_bytes(b"copied here by hand")
    assert store.stat(PUBLIC).content_type == "application/octet-stream"
    assert store.facts(PUBLIC).disposition == "attachment"


@pytest.mark.parametrize(
    "deed",
    [
        lambda store, file: store.begin_parts(announce(b"x")),
        lambda store, file: store.put(PUBLIC, file, content_type="image/webp"),
        lambda store, file: store.stat(PUBLIC),
        lambda store, file: store.fetch(PUBLIC, file.with_name("came"), most=10),
        lambda store, file: store.delete([PUBLIC]),
        lambda store, file: list(store.keys("public/")),
        lambda store, file: store.forget_unfinished(before=datetime.now(UTC)),
        lambda store, file: store.arriving(1).__enter__(),
    ],
)
def test_a_folder_that_is_none_is_a_store_that_is_away(
    tmp_path: Path, file: Path, deed: Callable[[Folder, Path], object]
):
    (tmp_path / "media").write_text("a file")
    with pytest.raises(StorageAway):
        deed(Folder(tmp_path / "media"), file)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "media"}
