"""No text keeps the server busy: the catalogue's bombs, and those that a search for slow patterns brought to light."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import text as module
from backend.core.text import LONG_TEXT, clean_text, render

#: Seconds of processor time. The goal is 0.05; five times as much, so that a busy machine does not turn this red.
LONGEST = 0.25

UNITS = r"""
[ ] ( ) < > ! & \ ` * _ ~ | # - + = : " '
** __ ~~ `` ``` ![ ]( [] () >> << && \\ || -- ++ == :: ## **_ _** *_ _* ~* *~ `* *` <* *<
[a] [a]( [a](b [a](b) [a][ [a][b] [a]: [![ [[a](b)](  ![a][ ![a](b)
[*a](b) [a`]( [\] [`]` [<]> [](< [](<a [a](<b [](" [](' [a](b"
*a a* *a* **a a** **a** *a**b a**b *a_ _a*b *a_b* __a a__ x*x_x~~ ~~a a~~ *a` **[ [* *[ [*a *[a](b) a*b_c x_*x ***a a***
<a <a@ <a@b.c> <http://a <http://a> <x@y.z> <!-- <? <! </ <b> <a:b>
&amp; &amp &#1; &#x41; &copy &#99999999;
`a ``a `a``b a`b``c``` a`
http://x](![![a@b.c ![http://[a]( 1)&#35;***1.<a&[={** -{[ =--[x
"""
LINES = """
- a|- |1. a|1. |+ |* |> a|> |> - |- > |>> a|# a|a ===|=|---|a|    a|```|~~~|[a]: b|[a]: <b|[a]: b 'c|[a]:|[a]: b '
""".strip().split("|")
LINES += [
    "|-|",
    "|a|b|",
    "a|b",
    "-|-",
    "|",
    "a\\",
    "a  ",
    "\t",
    "  - a",
    "1) ",
    "<a",
    "*a",
    "[a",
    "&#35;***[={**",
]
PATTERNS = [*UNITS.split(), *(unit + " " for unit in UNITS.split()[:24]), *(line + "\n" for line in LINES)]


def fill(pattern: str, *, readable: bool) -> str:
    """As much of it as a text may hold, or as much as is still read as Markdown."""
    fewest, most = 1, LONG_TEXT // len(pattern)
    while readable and fewest < most:
        middle = (fewest + most + 1) // 2
        if module._is_readable(pattern * middle):
            fewest = middle
        else:
            most = middle - 1
    return pattern * most


def seconds(body: str) -> float:
    began = time.process_time()
    render(body)
    return time.process_time() - began


def assert_quick(body: str) -> None:
    # The better of two: a garbage collection of the whole test run may fall into one.
    assert seconds(body) < LONGEST or seconds(body) < LONGEST, f"{len(body)} of {body[:40]!r}"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_pattern_keeps_the_parser_busy(pattern: str):
    assert_quick(fill(pattern, readable=True))
    assert_quick(fill(pattern, readable=False))


NESTED = {
    "definitions of a long address": "[a]: http://" + "x" * 18_000 + "\n\n" + "[a]" * 440,
    "long addresses": "[a](http://" * 1_800,
    "letters as far as the next bracket": "![" + "http://[](;-é_=??é0" * 1_000,
    "twenty brackets before signs": "[" * 20 + "_'/ ;" * 2_600,
    "short rows of a wide table": "|a" * 12 + "|\n" + "|-" * 12 + "|\n" + "b\n" * 1_300,
    "rulers below a wide table": "|a" * 50 + "|\n" + "|-" * 50 + "|\n" + "=|-\n" * 650,
    "lists in lists": ("- " * 8 + "a\n") * 1_100,
    "lazy lines below quotes": "> " * 8 + "a\n" + "    b 0\n" * 1_300,
    "quotes": "> " * 9_000 + "a",
    "lists": "- " * 9_000 + "a",
    "numbers": "1. " * 6_000 + "a",
    "both": "> - " * 4_000 + "a",
    "staircase": "\n".join("  " * depth + "- a" for depth in range(130)),
    "emphasis": "*a " * 1_400 + " b*" * 1_400,
    "strong": "**a " * 700 + " b**" * 700,
    "links": "[" * 500 + "a" + "](b)" * 500,
    "images": "![" * 400 + "a" + "](b)" * 400,
    "brackets": "[" * 600 + "]" * 600,
    "definitions": "".join(f"[{number}]: x\n" for number in range(450)) + "[1]" * 300,
    "table of one row": "|a" * 1_400 + "|\n" + "|-" * 1_400 + "|\n",
    "table of many rows": "|a|\n|-|\n" + "|b|\n" * 700,
    "wide table of empty rows": "|a" * 400 + "|\n" + "|-" * 400 + "|\n" + "b\n" * 600,
    "autolinks": "<a@b.c>" * 1_400,
    "one word": "a" * LONG_TEXT,
    "spaces": "a" + " " * (LONG_TEXT - 2) + "b",
    "tabs": "a\n" + "\t" * (LONG_TEXT - 3) + "b",
    "digits": "9" * LONG_TEXT,
    "parentheses in a link": "[a](" + "(" * 9_000 + ")" * 9_000 + ")",
    "open title": "[a](b '" + "c" * 19_000,
    "open code": "`" + "a" * 19_000,
    "open fence": "```" + "a\n" * 1_400,
}


@pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
def test_no_nesting_keeps_the_parser_busy(body: str):
    assert len(body) <= LONG_TEXT
    assert_quick(body)


@given(
    st.lists(
        st.sampled_from(
            [
                "[",
                "]",
                "(",
                "*",
                "_",
                "`",
                "<",
                "!",
                "&",
                "\\",
                "a",
                " ",
                "-",
                "\n",
                "> ",
                "|",
                "](",
                "http://",
            ]
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=50)
def test_no_mixture_keeps_the_parser_busy(pieces: list[str]):
    assert_quick(fill("".join(pieces), readable=True))


@pytest.mark.parametrize("size", [LONG_TEXT + 1, 50_000, 1_000_000, 10_000_000])
def test_what_is_too_long_is_refused_before_it_is_looked_at(size: int):
    began = time.process_time()
    for sign in ("[", "**", "| a "):
        with pytest.raises(module.Invalid, match="At most 20000 characters"):
            clean_text(sign * (size // len(sign) + 1), field="body")
    assert time.process_time() - began < LONGEST


def test_a_dense_manual_is_still_read_as_markdown():
    """The limits are far from what people write: this is denser than any description among thousands of projects."""
    chapter = "## Water\n\n- **Who** [digs](https://example.org/dig)?\n- `we` *do*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    manual = chapter * (LONG_TEXT // 4 // len(chapter)) + "A sentence that says how. " * 550
    html = render(clean_text(manual, field="body"))
    assert html.startswith("<h2>Water</h2>\n<ul>\n<li><strong>Who</strong> <a href=")
