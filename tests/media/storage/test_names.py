"""By what name a download is saved, whatever somebody called their file."""

import unicodedata

from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from media.storage.names import disposition, safe_name


@given(st.text() | st.text(alphabet="./\\\0\r\n\"'\u202ea é", max_size=20))
def test_a_name_is_one_plain_name(filename: str):
    name = safe_name(filename)
    assert 0 < len(name) <= 111
    assert not {"/", "\\"} & set(name) and name[0] not in " ." and name[-1] not in " ."
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)
    assert safe_name(name) == name


@given(st.text())
def test_a_name_never_ends_its_header(filename: str):
    said = disposition(f"private/{'a' * 32}/{'b' * 32}.pdf", filename)
    assert HttpResponse(headers={"Content-Disposition": said})["Content-Disposition"] == said
    assert said.startswith("attachment; filename") and said.isascii() and said.isprintable()
    assert disposition(f"public/{'a' * 32}/{'b' * 32}.webp", filename) == "inline"


def test_where_nobody_named_it_it_is_called_as_its_key():
    assert disposition(f"private/{'a' * 32}/{'b' * 32}.pdf") == f'attachment; filename="{"b" * 32}.pdf"'
