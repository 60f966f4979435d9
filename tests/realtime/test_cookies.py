"""A page whose session is in a cookie opens a socket as that person, and no other page does it in their name."""

import pytest
from django.utils import timezone

from backend.accounts.models import Session, User, hash_of
from realtime.hub import hub_of_process
from schema.cookies import COOKIE
from tests.asking import token_of
from tests.cast import Cast
from tests.realtime.following import apart
from tests.realtime.wires import Wire

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "https://app.example.org"


@pytest.fixture(autouse=True)
def on_a_server(settings) -> None:
    settings.DEVELOPMENT = False
    settings.ALLOWED_ORIGINS = [ORIGIN]


def page(token: str, origin: str | None = ORIGIN) -> Wire:
    """A socket as a browser opens it for a page."""
    cookies = ("cookie", f"theme=dark; {COOKIE}={token}; other=1")
    return Wire(headers=[cookies, *([("origin", origin)] if origin is not None else [])])


async def token(handle: str) -> str:
    """A token of somebody in the cast."""
    found: str = await apart(lambda: token_of(User.objects.get(handle=handle)))
    return found


async def people_here(wire: Wire) -> list[int]:
    """Who follows something here, as the hub counts them."""
    wire.subscribe("1", "NotificationsLive")
    await wire.is_read()
    return [*hub_of_process()._of_person]


async def test_its_own_page_needs_no_token_in_the_greeting(racing_cast: Cast):
    async with page(await token("cy")) as wire:
        await wire.greet()
        assert await people_here(wire) == [racing_cast.cy.pk]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        None,
        "https://app.example.org:8443",
        "http://app.example.org",
        "https://app.example.org.evil.example",
        "https://example.org",
        "http://localhost:8000",
    ],
)
async def test_another_page_does_not_come_in(racing_cast: Cast, origin: str | None):
    async with page(await token("cy"), origin) as wire:
        # Before it is accepted, a closing is the HTTP 403 of the handshake.
        assert (wire.is_open, wire.closed) == (False, (1000, ""))


async def test_a_program_without_an_origin_and_a_cookie_comes_in_as_nobody(racing_cast: Cast):
    async with Wire() as wire:
        await wire.greet()
        wire.subscribe("1", "NotificationsLive")
        assert await wire.refusal("1") == "UNAUTHENTICATED"


async def test_the_token_of_the_greeting_goes_before_the_cookie(racing_cast: Cast):
    async with page(await token("cy")) as wire:
        await wire.greet(await token("bo"))
        assert await people_here(wire) == [racing_cast.bo.pk]


async def test_a_greeting_that_lets_nobody_in_is_not_healed_by_the_cookie(racing_cast: Cast):
    async with page(await token("cy")) as wire:
        wire.say(type="connection_init", payload={"Authorization": "Bearer wrong"})
        assert await wire.ending() == (4403, "Forbidden")


async def test_nobody_is_who_a_page_may_say_that_it_is(racing_cast: Cast):
    async with page(await token("cy")) as wire:
        wire.say(type="connection_init", payload={"Authorization": ""})
        assert await wire.hear() == {"type": "connection_ack"}
        assert await people_here(wire) == []
        assert await wire.refusal("1") == "UNAUTHENTICATED"


@pytest.mark.parametrize("why", ["ended", "deleted", "banned", "unknown", "empty quotes"])
async def test_a_cookie_that_lets_nobody_in_is_said_to_be_one(racing_cast: Cast, why: str):
    given = await token("cy")
    sessions = Session.objects.filter(token_hash=hash_of(given))
    match why:
        case "ended":
            await apart(lambda: sessions.update(ended_at=timezone.now()))
        case "deleted":
            await apart(sessions.delete)
        case "banned":
            await apart(lambda: User.objects.filter(handle="cy").update(is_active=False))
        case "unknown":
            given += "x"
        case _:
            given = '" "'
    async with page(given) as wire:
        wire.say(type="connection_init")
        assert await wire.ending() == (4403, "Forbidden")


async def test_a_session_that_ends_takes_the_socket_of_its_cookie_with_it(racing_cast: Cast):
    given = await token("cy")
    async with page(given) as wire:
        await wire.greet()
        wire.subscribe("1", "NotificationsLive")
        await wire.is_read()
        await apart(lambda: Session.objects.filter(token_hash=hash_of(given)).update(ended_at=timezone.now()))
        assert await wire.ending(2) == (4403, "Forbidden")
        assert await wire.refusal("1") == "UNAUTHENTICATED"
