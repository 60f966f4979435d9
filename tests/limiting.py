"""Limits switched on for a test, with counts that no other test has touched."""

import uuid
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings

from schema import limits, meters, tallies


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[tallies.Tallies]:
    """What one may ask and do is limited, as on a server; the real Redis counts."""
    counts = tallies.Tallies(settings.REDIS_URL, f"acequia:test:{uuid.uuid4().hex}:")
    with override_settings(RATE_LIMITS=1):
        yield from standing_in(monkeypatch, counts)


def standing_in(monkeypatch: pytest.MonkeyPatch, counts: tallies.Tallies) -> Iterator[tallies.Tallies]:
    own = tallies.OwnTallies()
    for module in (limits, meters):
        monkeypatch.setattr(module, "tallies", lambda: counts)
        monkeypatch.setattr(module, "own_tallies", lambda: own)
    meters.forget_leases()
    yield counts
    meters.forget_leases()
