import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import cursors
from schema.cursors import BadCursor, decode, encode

PLACES = st.sampled_from(["projects.NEWEST", "Board.tasks:7", "User.followers:1", "board:7", "user:1"])
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SIGNS = [*string.ascii_letters, *string.digits, *"-_+/= \n\0é"]


@given(PLACES, st.lists(NUMBERS | st.text(max_size=20), max_size=3))
def test_a_cursor_leads_back_to_its_place(place: str, values: list):
    cursor = encode(place, *values)
    assert len(cursor) > cursors.LONGEST or decode(cursor, place) == values


@given(PLACES, PLACES, st.integers())
def test_the_cursor_of_another_list_is_refused(place: str, other: str, value: int):
    if place != other:
        with pytest.raises(BadCursor):
            decode(encode(place, value), other)


@given(PLACES, NUMBERS, st.data())
def test_every_change_of_one_character_is_refused(place: str, value: float, data: st.DataObject):
    cursor = encode(place, value)
    index = data.draw(st.integers(0, len(cursor) - 1))
    sign = data.draw(st.sampled_from([each for each in SIGNS if each != cursor[index]]))
    with pytest.raises(BadCursor):
        decode(cursor[:index] + sign + cursor[index + 1 :], place)


@pytest.mark.parametrize("value", [1, 22, 333])
def test_every_change_of_every_character_of_three_cursors_is_refused(value: int):
    """Of each length that base64 can end in: some of its last signs hold bits that decode to nothing."""
    cursor = encode("board:7", value)
    for index, old in enumerate(cursor):
        for sign in SIGNS:
            if sign != old:
                with pytest.raises(BadCursor):
                    decode(cursor[:index] + sign + cursor[index + 1 :], "board:7")


@given(PLACES, NUMBERS, st.data())
def test_a_piece_of_a_cursor_is_refused(place: str, value: float, data: st.DataObject):
    cursor = encode(place, value)
    for piece in (cursor[: data.draw(st.integers(0, len(cursor) - 1))], cursor + "=", cursor * 2):
        with pytest.raises(BadCursor):
            decode(piece, place)


@given(
    st.text(max_size=100) | st.binary(max_size=60).map(lambda some: base64.urlsafe_b64encode(some).decode())
)
def test_garbage_is_refused(text: str):
    with pytest.raises(BadCursor):
        decode(text, "board:7")


def test_a_very_long_cursor_is_not_even_read():
    with pytest.raises(BadCursor):
        decode("A" * 1_000_000, "board:7")


def test_nobody_else_can_sign():
    for key in ("", "acequia.cursor", "0123456789abcdef"):
        text = json.dumps(["board:7", 1], separators=(",", ":"))
        forged = base64.urlsafe_b64encode(f"{key[:16]:0<16}{text}".encode()).decode().rstrip("=")
        with pytest.raises(BadCursor):
            decode(forged, "board:7")
