"""What is done in Python with hostile bytes: refused or taken, and never anything else."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from media.inspection import Reason, Rejected, archives
from media.inspection.archives import check_opendocument, check_zip
from media.inspection.containers import FRAMES, size_of_webp
from media.inspection.documents import check_pdf, check_text
from media.inspection.signatures import begins_as_code, ends_as_zip, hides_code, sniffed
from media.inspection.sizes import sizes
from media.inspection.types import EXTENSIONS, IMAGES
from tests.media.honest import HONEST
from tests.media.pieces import frame, gif, zip_of, zipped

# Small ones, so that a change somewhere is a change that matters.
SMALL = [(file.declared, data) for file in HONEST if len(data := file.make()) < 3000]


def _look(declared: str, data: bytes) -> None:
    """All that is done before a decoder is asked."""
    file = io.BytesIO(data)
    sniffed(data[:512])
    hides_code(data)
    ends_as_zip(data)
    if declared in IMAGES:
        FRAMES[declared](data)
        if declared == "image/webp":
            size_of_webp(data)
    elif declared == "application/pdf":
        check_pdf(file)
    elif declared.startswith("text/"):
        check_text(file)
    elif declared == "application/zip":
        check_zip(file)
    else:
        check_opendocument(file, declared=declared)


def test_a_small_one_of_each_type_is_among_them_and_taken():
    assert {declared for declared, _ in SMALL} == set(EXTENSIONS)
    for declared, data in SMALL:
        _look(declared, data)


@settings(max_examples=400)
@given(some.data())
def test_a_changed_file_is_refused_or_taken(data: some.DataObject):
    declared, whole = data.draw(some.sampled_from(SMALL))
    changed = bytearray(whole)
    for _ in range(data.draw(some.integers(1, 4))):
        at = data.draw(some.integers(0, len(changed)))
        end = min(len(changed), at + data.draw(some.integers(0, 12)))
        changed[at:end] = data.draw(some.binary(max_size=12))
    try:
        _look(declared, bytes(changed))
    except Rejected as refusal:
        assert refusal.reason in Reason


@settings(max_examples=300)
@given(
    some.sampled_from(sorted(EXTENSIONS)),
    some.sampled_from([data[:64] for _, data in SMALL]),
    some.binary(max_size=300),
)
def test_any_bytes_are_refused_or_taken(declared: str, head: bytes, rest: bytes):
    try:
        _look(declared, head + rest)
    except Rejected as refusal:
        assert refusal.reason in Reason


@given(some.integers(1, 50_000), some.integers(1, 50_000))
def test_sizes_fit_and_never_grow(width: int, height: int):
    small, medium, large = (sizes(width, height)[name] for name in ("SMALL", "MEDIUM", "LARGE"))
    assert small[0] == small[1] == min(96, *large)
    for (across, down), most in ((medium, 480), (large, 1600)):
        assert max(across, down) == min(most, max(width, height))
        assert 1 <= across <= width and 1 <= down <= height
        # The same shape, to half a pixel.
        assert abs(across * height - down * width) <= max(width, height) or 1 in (across, down)


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        (b"<!doctype HTML>", True),
        (b" \n<html lang=es>", True),
        (b"<svg/>", False),
        (b"<svg xmlns=x>", True),
        (b"<!-- -->", True),
        (b"<?xml version", True),
        (b"<p>", True),
        (b"<paragraph>", False),
        (b"a < b", False),
        (b"<3 this", False),
        (b"#!/bin/sh", True),
        (b"# a heading", False),
        (b"", False),
    ],
)
def test_a_text_is_a_page_by_how_it_begins(text: bytes, is_code: bool):
    assert begins_as_code(text) == is_code


def test_pixels_may_look_like_code_by_chance_and_a_zip_needs_its_end():
    assert not hides_code(b"<?xpacket begin=''?><x:xmpmeta/> a<b <?phpx <scripture> <htmlx")
    assert hides_code(b"xx<?php\n") and hides_code(b"xx<SCRIPT>") and hides_code(b"xx<script src=x>")
    assert not ends_as_zip(b"PK\x03\x04 PK\x01\x02 PK\x05\x06 and on it goes")
    assert ends_as_zip(zipped({"a": b"b"}) + b"whatever")


def _reason(data: bytes) -> Reason | None:
    try:
        check_zip(io.BytesIO(data))
    except Rejected as refusal:
        return refusal.reason
    return None


def test_the_bounds_of_a_zip_are_exact(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
    assert _reason(zip_of([(b"%d" % number, b"") for number in range(3)])) is None
    assert _reason(zip_of([(b"%d" % number, b"") for number in range(4)])) == Reason.TOO_LARGE
    data = zipped({"a": bytes(40_000)})
    assert len(data) * archives.MOST_RATIO < 40_000
    # Small as it is, nobody minds.
    assert _reason(data) is None
    monkeypatch.setattr(archives, "UNSUSPICIOUS", 39_999)
    assert _reason(data) == Reason.TOO_LARGE
    monkeypatch.setattr(archives, "UNSUSPICIOUS", 40_000)
    assert _reason(data) is None
    monkeypatch.setattr(archives, "MOST_UNPACKED", 39_999)
    assert _reason(data) == Reason.TOO_LARGE


def test_nothing_but_its_first_bytes_is_unpacked(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    read = zipfile.ZipExtFile.read

    def noted(self: zipfile.ZipExtFile, most: int = -1) -> bytes:
        asked.append(most)
        return read(self, most)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", noted)
    assert _reason(zipped({"a": b"x" * 1000, "b": b"y" * 1000})) is None
    assert asked == [8, 8]


def test_frames_are_counted():
    for count in (1, 2, 77):
        assert FRAMES["image/gif"](gif(frame() * count)) == count
