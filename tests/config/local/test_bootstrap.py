import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.local import bootstrap, installation

CHECKOUT = Path(bootstrap.CHECKOUT)
OLD_NAMES = ("python3.6", "python3.7", "python3.8", "python3.9", "python3.10")


def test_an_old_python_is_named_in_one_sentence_that_says_what_to_do() -> None:
    assert bootstrap.refusal((3, 9, 18)) == (
        "Acequia needs Python 3.11 or newer; this is 3.9.18. Set PYTHON=/path/to/python3.12 and try again."
    )
    assert bootstrap.refusal((3, 11, 0)) == bootstrap.refusal((3, 14, 1)) == ""


def test_an_old_python_can_parse_the_bootstrap_and_what_it_imports_first() -> None:
    for name in ("config/local/bootstrap.py", "config/__init__.py", "config/local/__init__.py"):
        ast.parse((CHECKOUT / name).read_text(), feature_version=(3, 6))


def test_the_old_pythons_of_this_machine_say_the_sentence_and_nothing_else() -> None:
    # Maybe there are none: then the two tests above stand for them.
    for python in filter(None, map(shutil.which, OLD_NAMES)):
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
            continue
        command = [python, "config/local/bootstrap.py", "test"]
        environment = {**os.environ, "PYTHON": python}
        ended = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith("Acequia needs Python 3.11 or newer; this is 3.")
        assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n"
            "ERROR: Could not find a version that satisfies the requirement django==5.2.19\n"
            "ERROR: No matching distribution found for django==5.2.19",
            "Could not fetch django==5.2.19 from the package index: is the network up?",
        ),
        (
            "ERROR: No matching distribution found for uvloop==0.23.0",
            "The package index has no uvloop==0.23.0 for this Python and this machine.",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A package that came over the network is not the one that dev.txt names by its hash.",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "The disk is full: the packages need about 600 MB.",
        ),
    ],
)
def test_a_failed_install_is_one_plain_sentence(output: str, sentence: str) -> None:
    assert installation.failure(output, "dev.txt") == sentence


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a lock file that locks nothing, so that it installs without any network."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("# nothing\n")
    places = {
        "CHECKOUT": tmp_path,
        "LOCAL": tmp_path / ".local",
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv" / "bin" / "python",
        "STAMP": tmp_path / ".venv" / "installed.json",
    }
    for name, place in places.items():
        monkeypatch.setattr(installation, name, place)
    monkeypatch.delenv("PYTHON", raising=False)
    return tmp_path


def test_a_venv_is_made_once_and_again_only_when_it_is_broken(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said() -> str:
        installation.make_ready(("dev.txt",))
        return capsys.readouterr().out

    assert "Making .venv" in said()
    assert said() == ""

    (checkout / "requirements" / "dev.txt").write_text("# nothing, but in other words\n")
    changed = said()
    assert "Installing" in changed
    assert "Making" not in changed

    installation.STAMP.write_text(installation.STAMP.read_text().replace(str(checkout), "/elsewhere"))
    assert "Making .venv" in said()
