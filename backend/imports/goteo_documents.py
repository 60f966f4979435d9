"""One project as Goteo's public API v1 gives it: which of its fields have a place here, and what they may hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from backend.core.refusals import Invalid
from backend.core.text import clean_locale
from backend.projects.models import PUBLIC, ProjectStatus

#: Goteo's status machine (`Project.STATUS_STR` of its API), in our words.
STATUSES = {
    "editing": ProjectStatus.DRAFT,
    "reviewing": ProjectStatus.IN_REVIEW,
    "rejected": ProjectStatus.REJECTED,
    "in_campaign": ProjectStatus.LIVE,
    "funded": ProjectStatus.FUNDED,
    "unfunded": ProjectStatus.UNFUNDED,
    "fulfilled": ProjectStatus.FULFILLED,
}
#: Deeper than this no answer of the API goes (they end at five); JSON that does is made to exhaust its reader.
DEEPEST = 50
#: What only the answer about one project has: an entry of a list has none of it, and knows less.
_ONLY_IN_FULL = frozenset(
    (
        *("about", "categories", "costs", "description", "goal"),
        *("motivation", "needs", "rewards", "translations", "user"),
    )
)


def _moment(value: Any) -> Any:
    # The API writes dates as RFC 2822 does. Python's reader of those takes 12 for 2012 and silence for UTC; this one
    # takes nothing but the whole form.
    if not isinstance(value, str):
        return value
    try:
        return datetime.strptime(value, "%a, %d %b %Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "moment", 'is not a date like "Thu, 20 Sep 2012 00:00:00 +0200"', {}
        ) from None


def _status(value: str) -> str:
    if value not in STATUSES:
        raise PydanticCustomError("status", "is not a status that Goteo has", {})
    return value


def _language(value: str) -> str:
    try:
        return clean_locale(value)
    except Invalid:
        raise PydanticCustomError("language", "is not the tag of a language, as es or ca", {}) from None


def _said(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("empty", "is empty", {})
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
#: Goteo's own ids are words for addresses, of at most 50 characters.
Id = Annotated[str, Field(max_length=50, pattern=r"^\S+$")]
Node = Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class _Answered(BaseModel):
    """A part of an answer; what it does not name stays in the source alone."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=lambda name: name.replace("_", "-"))


class Need(_Answered):
    """Something other than money that a project asks for."""

    id: Annotated[int, Field(ge=1, lt=2**63)]
    name: str | None = None
    type: str | None = None
    description: Annotated[str | None, Field(validate_default=True)] = None

    @property
    def title(self) -> str:
        """Its name, or its first words when somebody gave it none."""
        return self.name if self.name and self.name.strip() else self.description or ""


class GoteoCategory(_Answered):
    """One of the domains that a project names."""

    id: int
    name: str | None = None


class Place(_Answered):
    """Where a project is."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class Picture(_Answered):
    """One of the pictures of a project."""

    image_url: str | None = None


class Owner(_Answered):
    """Who made a project; the API gives no address and no password of anybody."""

    name: str | None = None
    profile_image_url: str | None = None
    date_created: Moment | None = None


class ProjectFacts(_Answered):
    """What a project's document says, as far as it has a place here."""

    id: Id
    name: Annotated[str, AfterValidator(_said)]
    owner: Id
    owner_name: str | None = None
    status: Annotated[str, AfterValidator(_status)]
    description_short: str | None = None
    description: str | None = None
    lang: Annotated[str, AfterValidator(_language)] | None = None
    node: Node | None = None
    date_created: Moment | None = None
    date_published: Moment | None = None
    region: str | None = None
    location: list[Place] | None = None
    categories: list[GoteoCategory] | None = None
    needs: list[Need] | None = None
    image_url: str | None = None
    image_url_big: str | None = None
    image_gallery: list[Picture] | None = None
    user: Owner | None = None

    @property
    def our_status(self) -> ProjectStatus:
        """Its status in our words."""
        return STATUSES[self.status]


@dataclass(frozen=True)
class Document:
    """A project's document: its facts checked, its source to the letter, and where it was read."""

    facts: ProjectFacts
    source: dict[str, Any]
    file: str
    place: str

    @property
    def is_full(self) -> bool:
        """Whether it is the answer about this one project, not an entry of a list."""
        return is_full(self.source)

    @property
    def where(self) -> str:
        """The file and the path in it, as a sentence names them."""
        return f"{self.file}: {self.place}" if self.place else self.file

    def says_the_same(self, other: "Document") -> bool:
        """Whether two documents agree; how long the API took to answer is nothing about the project."""
        return self._timeless() == other._timeless()

    def _timeless(self) -> dict[str, Any]:
        return {key: value for key, value in self.source.items() if key != "time-elapsed"}


def is_full(source: dict[str, Any]) -> bool:
    """Whether a source came as the answer about one project, not as an entry of a list."""
    return not _ONLY_IN_FULL.isdisjoint(source)


def read_document(source: Any, *, file: str, place: str) -> tuple[Document | None, list[str]]:
    """A project's document, or every reason why it is none, each with its path."""
    try:
        document = Document(ProjectFacts.model_validate(source), source, file, place)
    except ValidationError as error:
        return None, [_sentence(problem, place) for problem in error.errors(include_url=False)]
    problems = [at(place, path, reason) for path, reason in _inconsistencies(document.facts)]
    return (None, problems) if problems else (document, [])


def at(place: str, path: str, reason: str) -> str:
    """A reason with its path below a place of the file; both may be the whole of it."""
    whole = f"{place}.{path}".strip(".") if not path.startswith("[") else place + path
    return f"{whole}: {reason}" if whole else reason


def unstorable(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """Every place of a JSON value that PostgreSQL could not keep, with the reason."""
    if depth > DEEPEST:
        yield at(f"{path[:60]}…", "", f"lies deeper than {DEEPEST} levels")
    elif isinstance(value, str):
        if reason := _unwritable(value):
            yield at(path, "", f"{shown(value)} {reason}")
    elif isinstance(value, float) and not isfinite(value):
        yield at(path, "", "is a number that JSON does not have")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unstorable(each, f"{path}[{index}]", depth + 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            if reason := _unwritable(key):
                yield at(path, "", f"the key {shown(key)} {reason}")
            else:
                yield from unstorable(each, f"{path}.{key}".removeprefix("."), depth + 1)


def shown(value: Any) -> str:
    """A value as a sentence may quote it: short, and without anything that could act on a terminal."""
    match value:
        case str():
            text = f'"{value[:60]}…"' if len(value) > 60 else f'"{value}"'
        case None | bool():
            text = {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            text = "a number" if isinstance(value, int) and abs(value) >= 10**20 else str(value)
        case list():
            text = "a list"
        case _:
            text = "an object"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


def _unwritable(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character, which PostgreSQL cannot store"
    if re.search("[\ud800-\udfff]", text):
        return "holds half a character (a lone surrogate)"
    return None


def _inconsistencies(facts: ProjectFacts) -> Iterator[tuple[str, str]]:
    if facts.our_status in PUBLIC and facts.date_published is None:
        yield "date-published", f"is missing, but a project that is {facts.status} was published once"
    seen: set[int] = set()
    for index, need in enumerate(facts.needs or []):
        if not need.title.strip():
            yield f"needs[{index}].name", "says nothing, nor does its description"
        if need.id in seen:
            yield f"needs[{index}].id", f"{need.id} is given to two needs"
        seen.add(need.id)


_NOT_AN_ID = "is not an id that Goteo could have given"
_REASONS = {
    "missing": "is missing",
    "string_type": "is not a text",
    "int_type": "is not a whole number",
    "list_type": "is not a list",
    "model_type": "is not an object",
    "datetime_type": "is not a date",
    "string_too_long": "is longer than the 50 characters of an id",
    "string_pattern_mismatch": _NOT_AN_ID,
    "greater_than_equal": _NOT_AN_ID,
    "less_than": _NOT_AN_ID,
}


def _sentence(problem: ErrorDetails, place: str) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"])
    reason = _REASONS.get(problem["type"], problem["msg"])
    what = "" if problem["type"] == "missing" else f"{shown(problem['input'])} "
    return at(place, path.removeprefix("."), what + reason)
