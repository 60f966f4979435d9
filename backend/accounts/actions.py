import re
import unicodedata
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.factors import LONGEST_PASSWORD, demand_second_factor, is_password_of
from backend.accounts.leaving import PSEUDONYM, is_retired
from backend.accounts.models import Session, User, hash_of, new_token
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_line, clean_locale, clean_text, clean_words, render

SESSION_LASTS = timedelta(days=30)
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


class EmailTaken(Refusal):
    code = "EMAIL_TAKEN"
    message = "Somebody signed up with this address already. Is it you? Log in."


class HandleTaken(Refusal):
    code = "HANDLE_TAKEN"
    message = "This handle belongs to somebody else."


class WrongCredentials(Refusal):
    """The address is unknown or the password is wrong: the answer does not say which."""

    code = "WRONG_CREDENTIALS"
    message = "Address and password do not fit together."


@transaction.atomic(durable=True)
def sign_up(
    *, handle: str, email: str, password: str, display_name: str, locale: str = "en", user_agent: str = ""
) -> tuple[Session, str]:
    """Make an account and log it in; the second value is the token, which exists nowhere else.

    Raises `Invalid`, `EmailTaken`, `HandleTaken`.
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
        if User.objects.filter(email=user.email).exists():
            raise EmailTaken(field="email") from None
        raise HandleTaken(field="handle") from None
    # Behind the insert, which waits for whoever is leaving at this moment under that handle.
    if is_retired(user.handle):
        raise HandleTaken(field="handle")
    return _open_session(user, user_agent)


def log_in(
    *, email: str, password: str, one_time_code: str = "", user_agent: str = ""
) -> tuple[Session, str]:
    """Open a session; the second value is the token, which exists nowhere else.

    Raises `WrongCredentials`; and once the password is right, what `demand_second_factor` raises.
    """
    try:
        user = User.objects.filter(email=clean_email(email), is_active=True).first()
    except Invalid:
        user = None
    if not is_password_of(user, password) or user is None:
        raise WrongCredentials
    demand_second_factor(user=user, code=one_time_code)
    return _let_in(user, user_agent)


@transaction.atomic(durable=True)
def log_out(*, session: Session) -> None:
    """End a session; ending it twice is the same as once."""
    Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now())


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
) -> User:
    """Change what is given of a person's profile and leave the rest. Raises `Invalid`, `NotFound`."""
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


def clean_email(value: str) -> str:
    """An address in the one spelling that is stored: NFKC and case-folded (the class of CVE-2019-19844)."""
    email = unicodedata.normalize("NFKC", value).casefold().strip() if len(value) <= 400 else ""
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid("email", "An e-mail address.") from None
    # Django lets control characters stand between quotes.
    if len(email) > 254 or not email.isascii() or not email.isprintable():
        raise Invalid("email", "An e-mail address.")
    return email


def clean_password(value: str, *, user: User) -> str:
    """A password that may be hashed: 10 to 256 characters, not a common one, not like the person's own names."""
    if len(value) > LONGEST_PASSWORD:
        raise Invalid("password", f"At most {LONGEST_PASSWORD} characters.")
    if "\0" in value:
        raise Invalid("password", "It holds characters that cannot be typed.")
    try:
        value.encode()
        validate_password(value, user=user)
    except UnicodeEncodeError:
        raise Invalid("password", "It holds characters that cannot be typed.") from None
    except ValidationError as error:
        raise Invalid("password", " ".join(error.messages)) from None
    return value


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
    # Whoever was banned, or changed the password, while it was looked at, is not let in by the old one.
    same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    if not same.update(last_login=timezone.now()):
        raise WrongCredentials
    return _open_session(user, user_agent)


def _open_session(user: User, user_agent: str) -> tuple[Session, str]:
    token = new_token()
    agent = "".join(letter for letter in user_agent[:200] if letter.isprintable())
    session = Session.objects.create(
        user=user,
        token_hash=hash_of(token),
        user_agent=agent,
        expires_at=timezone.now() + SESSION_LASTS,
    )
    return session, token
