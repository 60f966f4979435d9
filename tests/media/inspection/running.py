"""Inspections of many files, two at a time, with what each of them cost."""

import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from media.inspection import Findings, Reason, Rejected, process
from media.inspection.process import Ended
from tests.media.files import Sent


@dataclass(frozen=True)
class Outcome:
    """What was answered; how the process ended, if one was started; what lies in its folder."""

    answer: Findings | Reason
    ended: Ended | None
    left: list[str]
    source: Path

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process held, by its own word: the words of our own program, which nothing took over."""
        return json.loads(self.ended.words)["peak_bytes"] if self.ended else 0


def outcomes(files: Iterable[Sent], folder: Path) -> dict[str, Outcome]:
    """By the name of each file. Nothing is stood in for: what the process cost is only written down on its way."""
    mine = threading.local()
    run = process.run

    def noted(*given, **options) -> Ended:
        mine.ended = run(*given, **options)
        return mine.ended

    def inspected(number: int, file: Sent) -> Outcome:
        source, into = folder / f"{number}.sent", folder / str(number)
        source.write_bytes(file.make())
        into.mkdir()
        mine.ended = None
        answer: Findings | Reason
        try:
            answer = process.inspect(source, declared=file.declared, into=into)
        except Rejected as refusal:
            answer = refusal.reason
        return Outcome(answer, mine.ended, sorted(path.name for path in into.iterdir()), source)

    files = list(files)
    with patch.object(process, "run", noted), ThreadPoolExecutor(2) as pool:
        return dict(
            zip([file.name for file in files], pool.map(inspected, range(len(files)), files), strict=True)
        )
