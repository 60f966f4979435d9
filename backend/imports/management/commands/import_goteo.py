from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, OperationalError

from backend.imports.goteo import import_projects
from backend.imports.goteo_answers import MOST_PROBLEMS, PROJECTS, Answer, Refused, chosen, read_answers

#: A line of progress for so many projects written.
EVERY = 100


class Command(BaseCommand):
    """Imports projects from answers of Goteo's public API v1: all of them, or none and every reason why."""

    help = "Imports projects, owners, communities and needs from JSON answers of Goteo's public API v1."

    def add_arguments(self, parser: CommandParser) -> None:
        """The one argument: where the answers are."""
        parser.add_argument("path", type=Path, help="an answer, or a folder of them (its .json files)")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        """Reads and checks every file before the first row is written."""
        answers: list[Answer] = []
        try:
            for answer in read_answers(path):
                self.stdout.write(_line(answer))
                answers.append(answer)
            documents = chosen(answers)
            outcome = import_projects(documents, progress=self._progress(len(documents)))
        except Refused as refused:
            raise CommandError(_list(refused.problems)) from None
        except (IntegrityError, OperationalError) as error:
            raise CommandError(f"Nothing was imported; the database says: {error}") from None
        if documents:
            self.stdout.write(
                f"{_projects(len(documents))}: {outcome.new} new, {outcome.changed} changed, {outcome.same} the same."
            )

    def _progress(self, number: int) -> Callable[[int], None]:
        def written(done: int) -> None:
            if done % EVERY == 0:
                self.stdout.write(f"  {done} of {number} projects written …")

        return written


def _line(answer: Answer) -> str:
    if answer.problems:
        return f"{answer.name}: broken"
    if answer.kind == PROJECTS:
        return f"{answer.name}: {_projects(len(answer.documents))}"
    return f"{answer.name}: {answer.kind}: there is no place for it here yet, so nothing to import"


def _projects(number: int) -> str:
    return f"{number} project" if number == 1 else f"{number} projects"


def _list(problems: list[str]) -> str:
    more = [f"… and {len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return "\n  ".join(["Nothing was imported.", *problems[:MOST_PROBLEMS], *more])
