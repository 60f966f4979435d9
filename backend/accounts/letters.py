"""What the house writes to people about their accounts, each in their own language (the translations are in `locale/`).

A job carries the name of a letter and the key of a person, and nothing else: what it says, the links above all, is made
when it is sent. So no address and no proof is in the table of jobs, nor in a log or a dump of it.
"""

from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.utils.translation import gettext, override
from procrastinate.contrib.django import app

from backend.accounts.models import User
from backend.accounts.proofs import Purpose, proof
from backend.core.languages import language_of
from backend.core.mail import MAIL, Letter, send
from backend.core.queue import BACKOFF

#: Days after which an account is removed that has done nothing and whose address was never verified.
UNVERIFIED_DAYS = 7
#: Of those who say that an address is theirs, so many are offered a new password: the oldest.
_CLAIMANTS = 5
_PATHS = {
    Purpose.VERIFY_EMAIL: "verify-email",
    Purpose.RESET_PASSWORD: "reset-password",
    Purpose.CHANGE_EMAIL: "confirm-email-change",
}

Content = tuple[str, Sequence[str]]


def write(letter: str, person: int | None) -> None:
    """Ask for a letter inside the transaction that gives its reason; to nobody it is asked for alike, and not sent."""
    post.defer(letter=letter, person=person or 0)


@app.task(name="post", queue=MAIL, retry=BACKOFF)
def post(*, letter: str, person: int) -> None:
    """Send a letter, if there is still a reason for it. What the mail server's absence raises is for the job."""
    user = User.objects.filter(pk=person, is_active=True).first()
    made = user and _LETTERS[letter](user)
    if made:
        send(made)


def verify_email(user: User) -> Letter | None:
    """To who says that an address is theirs; where somebody has shown that already, to them instead."""
    if user.email_verified_at is not None:
        return None
    if owner := User.objects.owning(user.email).first():
        return _to(owner, _somebody_used_your_address)
    return _to(user, lambda: _verify(user))


def reset_password(user: User) -> Letter | None:
    """To the owner of an address; where it has none, to those who say that it is theirs, so that who reads it chooses."""
    people = [user] if user.email_verified_at else list(User.objects.claiming(user.email)[:_CLAIMANTS])
    # Since it was asked for, somebody else may have shown that the address is theirs.
    people = [people[0]] if people[0].email_verified_at else people
    return _to(people[0], lambda: _reset(people))


def password_changed(user: User) -> Letter | None:
    """To the owner of an address, so that they hear of what they have not done themselves."""
    return _to(user, _password_changed) if user.email_verified_at else None


def change_email(user: User) -> Letter | None:
    """To the address that a person wants to change to; where it is somebody's, to them."""
    if not user.new_email:
        return None
    if owner := User.objects.owning(user.new_email).first():
        return _to(owner, _somebody_used_your_address)
    return _to(user, lambda: _change(user), at=user.new_email)


def email_changes(user: User) -> Letter | None:
    """To the address that a person has, so that they hear of what they have not done themselves."""
    return _to(user, _email_changes) if user.email_verified_at and user.new_email else None


_LETTERS: dict[str, Callable[[User], Letter | None]] = {
    each.__name__: each
    for each in (verify_email, reset_password, password_changed, change_email, email_changes)
}


def _to(user: User, say: Callable[[], Content], at: str = "") -> Letter:
    language = language_of(user.locale)
    with override(language):
        subject, paragraphs = say()
        signed = gettext("Acequia wrote this because of what was done at %(site)s.") % {
            "site": settings.SITE_URL
        }
    return Letter(to=at or user.email, language=language, subject=subject, paragraphs=[*paragraphs, signed])


def _link(purpose: Purpose, user: User) -> str:
    # Behind a #: a browser tells that part to no server, and puts it into no Referer.
    return f"{settings.SITE_URL}/{_PATHS[purpose]}#{proof(purpose, user)}"


def _verify(user: User) -> Content:
    return gettext("Is this your address?"), [
        gettext(
            "Somebody signed up as @%(handle)s with this address. If it was you, open this link where you are logged in:"
        )
        % {"handle": user.handle},
        _link(Purpose.VERIFY_EMAIL, user),
        gettext(
            "It is good for three days. Without it nobody can log in again with this address, and after seven days an "
            "account that has done nothing is removed. If it was not you, do nothing."
        ),
    ]


def _somebody_used_your_address() -> Content:
    return gettext("You have an account already"), [
        gettext(
            "Somebody gave your address as theirs, to sign up or to change an account. It stays yours, and nothing changes."
        ),
        gettext("If it was you: you have an account already. Log in, or ask for a new password."),
        gettext("If it was not you, do nothing."),
    ]


def _reset(people: Iterable[User]) -> Content:
    links: list[str] = []
    for user in people:
        links.append(gettext("For @%(handle)s:") % {"handle": user.handle})
        links.append(_link(Purpose.RESET_PASSWORD, user))
    return gettext("A new password"), [
        gettext(
            "Somebody asked for a new password. If it was you, open the link of your account within an hour:"
        ),
        *links,
        gettext(
            "It ends all sessions of the account. If it was not you, do nothing: your password stays as it is."
        ),
    ]


def _password_changed() -> Content:
    return gettext("Your password was changed"), [
        gettext("Your password was changed, and all other sessions were ended."),
        gettext("If it was not you, ask for a new password now: nobody but who reads this address gets one."),
    ]


def _change(user: User) -> Content:
    return gettext("Is this your new address?"), [
        gettext(
            "@%(handle)s wants to change to this address. If it was you, open this link where you are logged in:"
        )
        % {"handle": user.handle},
        _link(Purpose.CHANGE_EMAIL, user),
        gettext("It is good for one day. If it was not you, do nothing."),
    ]


def _email_changes() -> Content:
    return gettext("Your address is about to change"), [
        gettext(
            "Somebody who knows your password wants to change the address of your account, and has been sent a link."
        ),
        gettext("If it was not you, change your password now: then that link is void."),
    ]
