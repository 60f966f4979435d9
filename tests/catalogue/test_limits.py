"""The bad-input catalogue (reliability.md §5): what is done too often (rows 5, 42, 55)."""

import pytest
from django.test import override_settings

from schema import limits, meters
from schema.limits import FOLLOWS
from schema.tallies import Taken, Tallies
from social.follows.models import Follow
from tests.asking import ask, id_of, post, problems, untouched
from tests.cast import Cast
from tests.limiting import limited  # noqa: F401
from tests.schema.test_limits import codes, log_in


def test_row_05_each_of_500_logins_of_a_refused_document_was_a_try(
    limited: Tallies,  # noqa: F811
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
):
    given = f'input: {{email: "{cast.ana.email}", password: "x"}}'
    aliases = " ".join(f"a{n}: logIn({given}) {{ errors {{ code }} }}" for n in range(500))
    with untouched():
        refused = post({"query": f"mutation {{ {aliases} }}"}).json()
        assert ("data" in refused, refused["errors"][0]["extensions"]["code"]) == (False, "QUERY_TOO_COMPLEX")
        # More than all the points of a network; and for a quarter of an hour it logs nobody in, when they are back.
        assert post({"query": "{ __typename }"}).status_code == 429
        (by_address,) = (limit for limit in limits.LOG_IN if limit.by is limits.By.ADDRESS)
        assert 800 < limited.count([limits._of(by_address, "127.0.0.1")]) <= 900
        meters.forget_leases()
        monkeypatch.setattr(meters, "_take", lambda whose, **asked: Taken(asked["wanted"], 0, 0))
        assert codes(log_in("127.0.0.1", email=cast.bo.email, password="x")[0]) == ["RATE_LIMITED"]


def test_row_55_10001_follows_in_an_hour(limited: Tallies, cast: Cast):  # noqa: F811
    """Asked of the count itself, so that it takes no hour: of ten thousand a thousand are done, the next is refused."""
    minute, hour = FOLLOWS
    assert (minute.most, minute.seconds, hour.most, hour.seconds) == (60, 60, 1_000, 3_600)
    key = limits._of(hour, str(cast.cy.pk))
    done = [limited.count([key]) == 0 for _ in range(10_000)]
    assert done == [True] * 1_000 + [False] * 9_000
    with untouched():
        told = ask("Follow", cast.cy, input={"targetId": id_of(cast.ana)})
        assert problems(told) == [("RATE_LIMITED", None)]
    assert not Follow.objects.exists()
    # Others are not held up by it.
    assert problems(ask("Follow", cast.bo, input={"targetId": id_of(cast.ana)})) == []
    with override_settings(RATE_LIMITS=0):
        assert problems(ask("Follow", cast.cy, input={"targetId": id_of(cast.ana)})) == []
