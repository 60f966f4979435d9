import re

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.addresses import clean_email
from backend.accounts.factors import demand_second_factor
from backend.accounts.leaving import PSEUDONYM, is_retired
from backend.accounts.letters import write
from backend.accounts.models import Session, User
from backend.accounts.passwords import clean_password, is_password_of
from backend.accounts.sessions import open_session
from backend.core.files import set_avatar
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_line, clean_locale, clean_text, clean_words, render

#: Names that would let a person pass for the house, or that a URL or a client may need.
RESERVED_HANDLES = frozenset(
    [
        "acequia",
        "admin",
        "administrator",
        "api",
        "everyone",
        "goteo",
        "graphql",
        "help",
        "me",
        "mod",
        "moderator",
        "null",
        "official",
        "owner",
        "root",
        "security",
        "settings",
        "staff",
        "support",
        "system",
        "team",
        "undefined",
        "viewer",
        "webmaster",
        "www",
    ]
)


class HandleTaken(Refusal):
    code = "HANDLE_TAKEN"
    message = "This handle belongs to somebody else."


class WrongCredentials(Refusal):
    """The address is unknown or not verified, or the password is wrong: the answer does not say which."""

    code = "WRONG_CREDENTIALS"
    message = (
        "Address and password do not fit together, or the address is not verified. A new password does both."
    )


@transaction.atomic(durable=True)
def sign_up(
    *, handle: str, email: str, password: str, display_name: str, locale: str = "en", user_agent: str = ""
) -> tuple[Session, str]:
    """Make an account and log it in; the second value is the token, which exists nowhere else.

    Whether the address is somebody's is told to who reads it, by a letter, and to nobody else. Until it is verified this
    session is the only way in. Raises `Invalid`, `HandleTaken`.
    """
    user = User(
        handle=clean_handle(handle),
        email=clean_email(email),
        display_name=clean_line(display_name, field="displayName", longest=60, shortest=1),
        locale=clean_locale(locale),
    )
    user.password = make_password(clean_password(password, user=user))
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        # The database decides who was first; a look before the write would let two through.
        raise HandleTaken(field="handle") from None
    # Behind the insert, which waits for whoever is leaving at this moment under that handle.
    if is_retired(user.handle):
        raise HandleTaken(field="handle")
    write("verify_email", user.pk)
    return open_session(user, user_agent)


def log_in(
    *, email: str, password: str, one_time_code: str = "", user_agent: str = ""
) -> tuple[Session, str]:
    """Open a session for the owner of an address; the second value is the token, which exists nowhere else.

    Nobody else who says that the address is theirs: whoever signed up with it and then could log in would learn that nobody
    owns it, and otherwise that somebody does. Raises `WrongCredentials`; and once the password is right, what
    `demand_second_factor` raises.
    """
    try:
        user = User.objects.owning(clean_email(email)).first()
    except Invalid:
        user = None
    if not is_password_of(user, password) or user is None:
        raise WrongCredentials
    demand_second_factor(user=user, code=one_time_code)
    return _let_in(user, user_agent)


@transaction.atomic(durable=True)
def update_profile(
    *,
    by: User,
    display_name: str | None = None,
    bio: str | None = None,
    location: str | None = None,
    website: str | None = None,
    skills: list[str] | None = None,
    interests: list[str] | None = None,
    locale: str | None = None,
    avatar_id: int | None = None,
    no_avatar: bool = False,
) -> User:
    """Change what is given of a person's profile and leave the rest; `no_avatar` takes their picture away.

    Raises `Invalid`, `NotFound`, and what `media.placements.set_avatar` does.
    """
    changes: dict[str, object] = {}
    if display_name is not None:
        changes["display_name"] = clean_line(display_name, field="displayName", longest=60, shortest=1)
    if bio is not None:
        changes["bio"] = clean_text(bio, field="bio", longest=2_000)
        changes["bio_html"] = render(str(changes["bio"]))
    if location is not None:
        changes["location"] = clean_line(location, field="location", longest=100)
    if website is not None:
        changes["website"] = clean_website(website)
    if skills is not None:
        changes["skills"] = clean_words(skills, field="skills")
    if interests is not None:
        changes["interests"] = clean_words(interests, field="interests")
    if locale is not None:
        changes["locale"] = clean_locale(locale)
    if changes and not User.objects.filter(pk=by.pk, is_active=True).update(**changes):
        raise NotFound
    if avatar_id is not None or no_avatar:
        set_avatar(user=by, media_id=None if no_avatar else avatar_id)
    return User.objects.get(pk=by.pk)


def clean_handle(value: str) -> str:
    """A handle: 2 to 30 of a-z, 0-9, - and _, starting and ending with a letter or digit, and not a reserved word.

    One script only, so that no handle can be drawn to look like another's (Unicode TR 39, by exclusion).
    """
    handle = value.strip().lower() if len(value) < 100 else value
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])", handle, flags=re.ASCII):
        raise Invalid("handle", "2 to 30 of the letters a-z, digits, - and _.")
    if handle in RESERVED_HANDLES or handle.startswith(PSEUDONYM):
        raise Invalid("handle", "This handle is reserved.")
    return handle


def clean_website(value: str) -> str:
    """A web address of at most 200 characters, or empty."""
    address = clean_line(value, field="website", longest=200)
    try:
        if address:
            URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise Invalid("website", "An address that starts with https://.") from None
    return address


@transaction.atomic(durable=True)
def _let_in(user: User, user_agent: str) -> tuple[Session, str]:
    # Whoever was banned, or changed the password or the address, while it was looked at, is not let in by the old one.
    same = User.objects.owning(user.email).filter(pk=user.pk, password=user.password)
    if not same.update(last_login=timezone.now()):
        raise WrongCredentials
    return open_session(user, user_agent)
