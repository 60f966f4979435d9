"""A store that is a folder of this machine, or one that all machines have mounted; `config/media.py` is its HTTP.

`public/…`, `open-data/…`, `private/…` and `quarantine/…` hold the bytes by their keys, `facts/…` what else is known of
each, `parts/<id>/` an upload in parts, and `arriving/` what is being written.
"""

import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlencode

from django.conf import settings

from media.storage import disk
from media.storage.disk import Arriving, NotAsAnnounced, Taken, asking
from media.storage.names import disposition, safe_name
from media.storage.port import KEY, Announced, Missing, Part, Stat, Target, TooLarge
from media.storage.signatures import FILE, PART, form, signed

_BUFFER = 1024 * 1024
_ROOMS = ("open-data", "private", "public", "quarantine")


class ArrivedAlready(Exception):
    """Something stands at this key, and a form is good once."""


@dataclass(frozen=True)
class Facts:
    """What a folder keeps of a file besides its bytes."""

    content_type: str = "application/octet-stream"
    disposition: str = "attachment"
    sha256: str | None = None


class Folder:
    """See `port.Store`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._halves = root / "arriving"

    def target(self, announced: Announced, *, lasts: timedelta) -> Target:
        self._path(announced.key)
        return Target("POST", f"{settings.MEDIA_URL}uploads", fields=form(announced, lasts=lasts))

    def begin_parts(self, announced: Announced) -> str:
        self._path(announced.key)
        upload_id = secrets.token_hex(16)
        with asking():
            self._write(self._root / "parts" / upload_id / "about", json.dumps(asdict(announced)))
        return upload_id

    def part_target(
        self, key: str, upload_id: str, number: int, *, byte_size: int, lasts: timedelta
    ) -> Target:
        said = {"key": key, "upload-id": upload_id, "number": str(number), "byte-size": str(byte_size)}
        return Target("PUT", f"{settings.MEDIA_URL}parts?{urlencode(signed(PART, said, lasts=lasts))}")

    def parts(self, key: str, upload_id: str) -> list[Part]:
        folder, _ = self._upload(key, upload_id)
        with asking():
            found = sorted((int(path.name), path) for path in folder.iterdir() if path.name.isdecimal())
            return [Part(number, path.stat().st_size, disk.etag(path)) for number, path in found]

    def finish_parts(self, key: str, upload_id: str, parts: list[Part]) -> None:
        try:
            with asking():
                self._join(key, upload_id, parts)
        except Missing:
            # Finished already, perhaps.
            self.stat(key)

    def abandon_parts(self, key: str, upload_id: str) -> None:
        with suppress(Missing), asking():
            shutil.rmtree(self._upload(key, upload_id)[0])

    def forget_unfinished(self, *, before: datetime) -> None:
        with asking():
            for entry in disk.entries(self._halves):
                if disk.written(entry) < before:
                    Path(entry).unlink(missing_ok=True)
            for entry in disk.entries(self._root / "parts"):
                if disk.written(entry) < before:
                    shutil.rmtree(entry, ignore_errors=True)

    def stat(self, key: str) -> Stat:
        with asking():
            found = self._path(key).lstat()
            if not stat.S_ISREG(found.st_mode):
                raise Missing
            facts = self.facts(key)
        return Stat(found.st_size, facts.content_type, facts.sha256)

    def fetch(self, key: str, to: Path, *, most: int) -> None:
        left = most
        try:
            with asking(), self.open(key) as source, to.open("wb") as file:
                while chunk := source.read(min(_BUFFER, left + 1)):
                    if (left := left - len(chunk)) < 0:
                        raise TooLarge
                    file.write(chunk)
        except BaseException:
            to.unlink(missing_ok=True)
            raise

    def put(self, key: str, source: Path, *, content_type: str, filename: str = "") -> None:
        with asking(), source.open("rb") as file, disk.new_file(self._halves) as (copy, half):
            shutil.copyfileobj(file, copy, _BUFFER)
            disk.sync(copy)
            self._write_facts(key, Facts(content_type, disposition(key, filename)))
            disk.place(os.replace, half, self._path(key))

    def move(self, source: str, key: str, *, content_type: str, filename: str = "") -> None:
        with asking():
            try:
                self.stat(source)
            except Missing:
                # Moved already, perhaps.
                self.stat(key)
                return
            self._write_facts(key, Facts(content_type, disposition(key, filename)))
            with suppress(Taken):
                disk.place(os.link, self._path(source), self._path(key))
            self.delete([source])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with suppress(Missing), asking():
                for path in (self._path(key), self._facts(key)):
                    path.unlink(missing_ok=True)
                    # Where it was the last file in it. A room stays.
                    if path.parent.name not in _ROOMS:
                        with suppress(OSError):
                            path.parent.rmdir()

    def keys(self, prefix: str, *, after: str = "") -> Iterator[tuple[str, datetime]]:
        for room in _ROOMS:
            yield from self._under(f"{room}/", prefix, after)

    def public_address(self, key: str) -> str:
        return f"{settings.MEDIA_URL}{key}"

    def signed_address(self, key: str, *, lasts: timedelta, filename: str = "") -> str:
        said = signed(FILE, {"key": key, "filename": filename and safe_name(filename)}, lasts=lasts)
        del said["key"]
        return f"{settings.MEDIA_URL}{key}?{urlencode(said)}"

    # What `config/media.py` needs of a folder besides.

    def arriving(self, byte_size: int) -> AbstractContextManager[Arriving]:
        """A place for so many bytes, which nobody finds before they are kept. Raises `StorageAway`."""
        return disk.arriving(self._halves, byte_size)

    def refuse_twice(self, key: str) -> None:
        """Raises `ArrivedAlready` where something stands."""
        with suppress(Missing):
            self.stat(key)
            raise ArrivedAlready

    def keep(self, announced: Announced, came: Arriving) -> None:
        """Give what came its key. Raises `NotAsAnnounced`, and `ArrivedAlready` for all but the first."""
        if came.settle() != announced.sha256:
            raise NotAsAnnounced
        with asking():
            self.refuse_twice(announced.key)
            self._write_facts(announced.key, Facts(announced.content_type, sha256=announced.sha256))
            try:
                disk.place(os.link, came.path, self._path(announced.key))
            except Taken:
                raise ArrivedAlready from None

    def keep_part(self, key: str, upload_id: str, number: int, came: Arriving) -> str:
        """Keep one part, in place of an earlier one of its number; its ETag. Raises `NotAsAnnounced`, `Missing`."""
        came.settle()
        folder, _ = self._upload(key, upload_id)
        with asking():
            said = disk.etag(came.path)
            # Not `place`, which would make the folder of an upload that was abandoned meanwhile.
            came.path.replace(folder / str(number))
            disk.sync_folder(folder)
            return said

    def open(self, key: str) -> BinaryIO:
        """The bytes, to be read. Raises `Missing`."""
        with asking():
            return disk.opened(self._path(key))

    def facts(self, key: str) -> Facts:
        """What is known of it; where nothing is, that it is bytes."""
        with asking():
            try:
                return Facts(**json.loads(self._facts(key).read_bytes()))
            except FileNotFoundError:
                return Facts()

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise Missing
        return self._root / key

    def _facts(self, key: str) -> Path:
        return self._root / "facts" / self._path(key).relative_to(self._root)

    def _upload(self, key: str, upload_id: str) -> tuple[Path, Announced]:
        # As `begin_parts` makes them, and so no way to another folder.
        if len(upload_id) != 32 or not set(upload_id) <= set("0123456789abcdef"):
            raise Missing
        folder = self._root / "parts" / upload_id
        with asking():
            announced = Announced(**json.loads((folder / "about").read_bytes()))
        if announced.key != key:
            raise Missing
        return folder, announced

    def _join(self, key: str, upload_id: str, parts: list[Part]) -> None:
        folder, announced = self._upload(key, upload_id)
        if not parts or parts != [part for part in self.parts(key, upload_id) if part in parts]:
            raise Missing
        with disk.new_file(self._halves) as (file, half):
            for part in parts:
                with (folder / str(part.number)).open("rb") as source:
                    shutil.copyfileobj(source, file, _BUFFER)
            disk.sync(file)
            self._write_facts(key, Facts(announced.content_type))
            # Somebody else who finishes it may have been quicker.
            with suppress(Taken):
                disk.place(os.link, half, self._path(key))
        shutil.rmtree(folder, ignore_errors=True)

    def _write(self, path: Path, text: str) -> None:
        with disk.new_file(self._halves) as (file, half):
            file.write(text.encode())
            disk.sync(file)
            disk.place(os.replace, half, path)

    def _write_facts(self, key: str, facts: Facts) -> None:
        # Before the bytes: whoever finds those finds both.
        self._write(self._facts(key), json.dumps(asdict(facts)))

    def _under(self, above: str, prefix: str, after: str) -> Iterator[tuple[str, datetime]]:
        with asking():
            found = disk.entries(self._root / above)
        for entry in found:
            key = f"{above}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                below = f"{key}/"
                wanted = below.startswith(prefix) or prefix.startswith(below)
                if wanted and (after < below or after.startswith(below)):
                    yield from self._under(below, prefix, after)
            elif KEY.fullmatch(key) and key.startswith(prefix) and key > after:
                with suppress(FileNotFoundError):
                    yield key, disk.written(entry)
