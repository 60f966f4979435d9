"""A device is known to one account, for a year, and lets nobody in by itself."""

from datetime import timedelta

import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from schema.devices import device_of, device_token

ANA, BO = "ana@example.org", "bo@example.org"


def test_it_is_known_to_the_account_that_it_has_entered_and_to_no_other():
    token = device_token(email=ANA)
    assert device_of(token, email=ANA) == device_of(token, email=ANA) is not None
    assert device_of(token, email=BO) is None
    assert device_of(device_token(email=ANA), email=ANA) != device_of(token, email=ANA)


def test_after_a_year_it_is_one_of_many():
    token = device_token(email=ANA)
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert device_of(token, email=ANA) is None


@given(st.text(max_size=600))
def test_what_we_have_not_signed_is_no_device(token: str):
    assert device_of(token, email=ANA) is None


def test_one_that_was_changed_is_none():
    token = device_token(email=ANA)
    for at in range(len(token)):
        changed = token[:at] + ("x" if token[at] != "x" else "y") + token[at + 1 :]
        assert device_of(changed, email=ANA) is None
