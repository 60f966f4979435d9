"""The process that inspects has nothing, may little, and is believed nothing."""

import dataclasses
import json
import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from media.inspection import Findings, InspectionFailed, Reason, Rejected, process
from media.inspection.limits import LIMITS
from tests.media.files import GIF, JPEG, PNG, TEXT
from tests.media.hostile.strangers import PAGE
from tests.media.pieces import SIGNATURE, chunk, header, picture, png, saved, zeros

# Any program in its place: what bytes would do that have taken over a decoder. It is limited as ours is.
PLANTED = """
import sys; sys.path.insert(0, sys.argv[1])
import json, os, signal, subprocess, time
from media.inspection import child
from media.inspection.limits import Limits
child._limit(Limits(**json.loads(sys.argv[-1])))
good = dict(width=64, height=48, placeholder="L00000fQfQfQfQfQfQfQfQfQfQfQ", color="#000000")
def honest():
    from pathlib import Path
    from media.inspection.images import render
    render(open(0, "rb"), declared="image/jpeg", into=Path(), limits=Limits())
"""


@pytest.fixture
def jpeg(tmp_path: Path) -> Path:
    source = tmp_path / "sent"
    source.write_bytes(saved(picture(), "JPEG"))
    return source


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch):
    return lambda program: monkeypatch.setattr(process, "_BEGIN", PLANTED + program)


def _reason(source: Path, into: Path, declared: str = JPEG, **limits: int) -> Reason:
    with pytest.raises(Rejected) as refusal:
        process.inspect(source, declared=declared, into=into, limits=dataclasses.replace(LIMITS, **limits))
    return refusal.value.reason


def test_it_has_no_environment_no_path_of_ours_no_file_and_no_django(
    jpeg: Path, into: Path, plant, monkeypatch
):
    monkeypatch.setenv("SECRET_KEY", "a secret")
    monkeypatch.setenv("PYTHONPATH", str(into))
    plant("""
child._inspected("image/jpeg", Limits())
print(json.dumps({
    "environment": dict(os.environ), "isolated": sys.flags.isolated, "here": os.getcwd(), "path": sys.path,
    "files": sorted(int(name) for name in os.listdir("/dev/fd")), "nice": os.nice(0),
    "modules": [name for name in sys.modules if name.split(".")[0] in {"django", "boto3", "backend", "numpy"}],
}))""")
    ends = os.pipe()
    for end in ends:
        os.set_inheritable(end, True)
    with open(jpeg, "rb") as file:
        ended = process.run(file.fileno(), declared=JPEG, into=into)
    for end in ends:
        os.close(end)
    told = json.loads(ended.words)
    # LC_CTYPE Python sets by itself.
    assert set(told["environment"]) <= {"LC_CTYPE"}
    assert told["isolated"] == 1 and told["here"] == str(into) and told["modules"] == []
    assert str(into) not in told["path"] and "" not in told["path"]
    # Its three, and perhaps the one that looks.
    assert set(told["files"]) <= {0, 1, 2, 3}
    assert told["nice"] >= 5


def test_planted_and_honest_it_is_taken(jpeg: Path, into: Path, plant):
    plant("honest(); print(json.dumps(good))")
    findings = process.inspect(jpeg, declared=JPEG, into=into)
    assert isinstance(findings, Findings) and findings.color == "#000000"


LIES = {
    "it says nothing": "honest()",
    "it says what is no JSON": "honest(); print('yes')",
    "it says too much": "honest(); print(json.dumps(good | dict(more='x' * 5000)))",
    "it says a list": "honest(); print('[]')",
    "it says a reason that is none": "print(json.dumps(dict(reason='FINE')))",
    "it says half": "honest(); print(json.dumps(dict(width=64)))",
    "it says another size": "honest(); print(json.dumps(good | dict(width=48, height=64)))",
    "it says a size below zero": "honest(); print(json.dumps(good | dict(width=-64)))",
    "it says a size that is none": "honest(); print(json.dumps(good | dict(width='64')))",
    "it says more pixels than there may be": "honest(); print(json.dumps(good | dict(width=10**9)))",
    "it says a page for a placeholder": "honest(); print(json.dumps(good | dict(placeholder='<script>')))",
    "it says a page for a colour": "honest(); print(json.dumps(good | dict(color='#000000;x')))",
    "it says digits of another script": "honest(); print(json.dumps(good | dict(color='#٠٠٠٠٠٠')))",
    "it writes nothing": "print(json.dumps(good))",
    "it writes a page": f"honest(); open('SMALL.webp', 'wb').write({PAGE!r}); print(json.dumps(good))",
    "it writes a page behind": f"honest(); open('SMALL.webp', 'ab').write({PAGE!r}); print(json.dumps(good))",
    "it writes another size": "honest(); os.rename('MEDIUM.webp', 'SMALL.webp'); "
    "os.link('SMALL.webp', 'MEDIUM.webp'); print(json.dumps(good))",
    "it links to a file of ours": "honest(); os.remove('SMALL.webp'); "
    "os.symlink('/etc/passwd', 'SMALL.webp'); print(json.dumps(good))",
    "it links to its own": "honest(); os.rename('SMALL.webp', 'x'); os.symlink('x', 'SMALL.webp'); print(json.dumps(good))",
    "it leaves a pipe": "honest(); os.remove('SMALL.webp'); os.mkfifo('SMALL.webp'); print(json.dumps(good))",
    "it leaves a folder": "honest(); os.remove('SMALL.webp'); os.mkdir('SMALL.webp'); print(json.dumps(good))",
    "it keeps what was said": "from PIL import Image; honest(); image = Image.open('SMALL.webp'); image.load(); "
    "image.save('SMALL.webp', exif=b'Exif\\0\\0II*\\0'); print(json.dumps(good))",
    "it dies of the bytes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "it gives up": "os.abort()",
}


@pytest.mark.parametrize("program", LIES.values(), ids=LIES)
def test_whatever_it_says_or_writes_it_is_not_believed(jpeg: Path, into: Path, plant, program: str):
    plant(program)
    assert _reason(jpeg, into) == Reason.BROKEN


EATERS = {
    "memory": "data = []\ntry:\n    while True: data.append(bytearray(b'x' * (1 << 20)))\n"
    "except MemoryError:\n    print(json.dumps(dict(reason='TOO_MUCH_WORK')))",
    "memory at once": "try:\n    bytearray(600 << 20)\n"
    "except MemoryError:\n    print(json.dumps(dict(reason='TOO_MUCH_WORK')))",
    "time": "while True: pass",
    "disk": "with open('x', 'wb') as file:\n    while True: file.write(bytes(1 << 20)); file.flush()",
}


@pytest.mark.parametrize("program", EATERS.values(), ids=EATERS)
def test_what_eats_too_much_is_ended(jpeg: Path, into: Path, plant, program: str):
    plant(program)
    begin = time.monotonic()
    assert _reason(jpeg, into, processor_seconds=1) == Reason.TOO_MUCH_WORK
    assert time.monotonic() - begin < 14
    assert sum(path.stat().st_size for path in into.iterdir()) <= LIMITS.output


def test_whatever_sleeps_is_ended_with_all_that_it_began_and_may_be_tried_again(
    jpeg: Path, into: Path, plant
):
    plant("""
import resource
if os.fork() == 0:
    print(os.getpid(), file=open("grandchild", "w"), flush=True)
    time.sleep(60)
os.close(1)
time.sleep(60)
""")
    if os.getuid():
        pytest.fail(
            "Only root may begin a second process here: run this as root, or see the test of ordinary users."
        )
    with pytest.raises(InspectionFailed):
        process.inspect(jpeg, declared=JPEG, into=into, limits=dataclasses.replace(LIMITS, clock_seconds=1))
    grandchild = int((into / "grandchild").read_text())
    # Linux lets nobody but root begin a second process against RLIMIT_NPROC.
    assert bool(grandchild) == (os.getuid() == 0)
    deadline = time.monotonic() + 5
    while _lives(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _lives(grandchild)


def _lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_bomb_that_pixels_let_through_meets_the_memory(tmp_path: Path, into: Path):
    source = tmp_path / "sent"
    source.write_bytes(SIGNATURE + header(25_000, 25_000, 1) + chunk(b"IDAT", zeros(75)) + chunk(b"IEND"))
    assert source.stat().st_size < 1 << 20
    assert _reason(source, into, PNG) == Reason.TOO_LARGE
    assert _reason(source, into, PNG, pixels=10**9) == Reason.TOO_MUCH_WORK
    assert list(into.iterdir()) == []


def test_a_bomb_that_pixels_and_memory_let_through_meets_the_processors_time(tmp_path: Path, into: Path):
    source = tmp_path / "sent"
    source.write_bytes(SIGNATURE + header(30_000, 30_000, 1) + chunk(b"IDAT", zeros(108)) + chunk(b"IEND"))
    with open(source, "rb") as file:
        freed = dataclasses.replace(LIMITS, pixels=10**10, memory=16 << 30, processor_seconds=1)
        ended = process.run(file.fileno(), declared=PNG, into=into, limits=freed)
    assert ended.code == -signal.SIGXCPU and not ended.timed_out
    assert 0.8 < ended.processor_seconds < 2
    with pytest.raises(Rejected) as refusal:
        process._believed(ended, freed)
    assert refusal.value.reason == Reason.TOO_MUCH_WORK


def test_more_frames_than_there_may_be_is_a_number(tmp_path: Path, into: Path):
    source = tmp_path / "sent"
    frames = [Image.new("L", (4, 4), number) for number in range(10)]
    source.write_bytes(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert _reason(source, into, GIF, frames=9) == Reason.TOO_LARGE
    limits = dataclasses.replace(LIMITS, frames=10)
    assert process.inspect(source, declared=GIF, into=into, limits=limits).width == 4


@pytest.mark.parametrize(("pixels", "taken"), [(64 * 48, True), (64 * 48 - 1, False)])
def test_more_pixels_than_there_may_be_is_a_number(jpeg: Path, into: Path, pixels: int, taken: bool):
    if taken:
        limits = dataclasses.replace(LIMITS, pixels=pixels)
        assert process.inspect(jpeg, declared=JPEG, into=into, limits=limits).width == 64
    else:
        assert _reason(jpeg, into, pixels=pixels) == Reason.TOO_LARGE


@pytest.mark.parametrize("declared", [PNG, TEXT])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, into: Path, declared: str):
    whole, link, pipe, folder = (tmp_path / name for name in ("whole", "link", "pipe", "folder"))
    whole.write_bytes(png() if declared == PNG else b"hello")
    link.symlink_to(whole)
    os.mkfifo(pipe)
    folder.mkdir()
    for source in (link, pipe, folder):
        assert _reason(source, into, declared) == Reason.UNSUPPORTED
    assert process.inspect(whole, declared=declared, into=into).content_type == declared


def test_what_is_not_there_is_nobodys_fault(tmp_path: Path, into: Path, jpeg: Path, monkeypatch):
    with pytest.raises(InspectionFailed):
        process.inspect(tmp_path / "nothing", declared=PNG, into=into)
    with pytest.raises(InspectionFailed):
        process.inspect(jpeg, declared=JPEG, into=tmp_path / "nowhere")
    monkeypatch.setattr(process.sys, "executable", "/nowhere/python")
    with pytest.raises(InspectionFailed):
        process.inspect(jpeg, declared=JPEG, into=into)


def test_a_disk_that_takes_nothing_is_nobodys_fault(jpeg: Path, into: Path):
    (into / "LARGE.webp").mkdir()
    with pytest.raises(InspectionFailed):
        process.inspect(jpeg, declared=JPEG, into=into)


def test_a_file_that_changes_while_it_is_looked_at_is_not_taken(tmp_path: Path, into: Path, plant):
    source = tmp_path / "sent"
    source.write_bytes(b"hello")
    plant(f"open({str(source)!r}, 'w').write('<html>'); print('{{}}')")
    with pytest.raises(InspectionFailed):
        process.inspect(source, declared=TEXT, into=into)
