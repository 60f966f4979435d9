"""What people write becomes HTML that can do nothing but be read."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.refusals import Invalid
from backend.core.text import clean_text, render
from tests.backend.core.payloads import PAYLOADS

#: Said again here on purpose: whoever widens the code's list must come by this one.
TAGS = {"p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}}
SCHEMES = {"", "http", "https", "mailto"}


class Reader(HTMLParser):
    """Reads HTML and objects to whatever is more than text, the allowed tags, and links that lead out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set())
            if name == "href":
                assert urlsplit((value or "").strip()).scheme.lower() in SCHEMES
        if tag == "a":
            assert dict(attrs).get("rel") == "nofollow noopener noreferrer"
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_inert(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    # A browser that reads it, writes it and reads it again finds the same: nothing mutates into something else.
    assert (
        nh3.clean(
            html,
            tags=TAGS,
            attributes={"a": {"href", "title"}, "ol": {"start"}},
            url_schemes=SCHEMES - {""},
            link_rel="nofollow noopener noreferrer",
        )
        == html
    )


def test_there_are_payloads_enough():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_would_run_is_text(payload: str):
    body = clean_text(payload, field="body")

    assert body == payload.strip(), "stored as it was written"
    assert_inert(render(body))
    # And in the middle of other things, where a parser may be in another state.
    for around in (
        "> {}",
        "- {}\n- b",
        "a **{}** b",
        "[{}](https://example.org)",
        "`{}",
        "| a |\n|---|\n| {} |",
    ):
        assert_inert(render(around.format(body)))


PIECES = [
    "<",
    ">",
    "<a ",
    "<img src=x onerror=",
    "</p>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<svg>",
    "<style>",
    "&",
    ";",
]
PIECES += [
    "&lt;",
    "&#x3c;",
    "&quot;",
    '"',
    "'",
    "=",
    "(",
    ")",
    "[",
    "]",
    "](",
    "![",
    "javascript:",
    "data:",
    "//x.org",
]
PIECES += [
    "*",
    "**",
    "_",
    "`",
    "```",
    "~~",
    "\\",
    "|",
    "|-|",
    "\n",
    "\n\n",
    "> ",
    "- ",
    "1. ",
    "    ",
    "\t",
    "# ",
    "a",
    "é",
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_mixture_of_their_pieces_runs(pieces: list[str]):
    try:
        body = clean_text("".join(pieces), field="body")
    except Invalid:
        return
    assert_inert(render(body))


@given(body=st.text(st.characters(exclude_categories=("Cs",)), max_size=200))
def test_no_text_at_all_runs(body: str):
    assert_inert(render(body))


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Paint *the* **gate**", "<p>Paint <em>the</em> <strong>gate</strong></p>"),
        ("~~old~~", "<p><s>old</s></p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        (
            '[us](https://example.org "here")',
            '<p><a href="https://example.org" title="here" rel="nofollow noopener noreferrer">us</a></p>',
        ),
        (
            "<ana@example.org>",
            '<p><a href="mailto:ana@example.org" rel="nofollow noopener noreferrer">ana@example.org</a></p>',
        ),
        (
            "![our gate](https://example.org/gate.png)",
            '<p>!<a href="https://example.org/gate.png" rel="nofollow noopener noreferrer">our gate</a></p>',
        ),
        (
            "|a|b|\n|:-|-|\n|1|2|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
            "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>",
        ),
        ("```python\nx = 1\n```", "<pre><code>x = 1\n</code></pre>"),
        ("a-b + c: {d} = $5 @e #f 7% ^g", "<p>a-b + c: {d} = $5 @e #f 7% ^g</p>"),
        ("", ""),
    ],
)
def test_markdown_is_shown(body: str, html: str):
    assert render(body) == html


def test_more_signs_than_a_person_writes_are_shown_as_they_are():
    assert render("_a_ " * 1_349 + "<b>") == "<p>" + "<em>a</em> " * 1_349 + "&lt;b&gt;</p>"
    assert render("_a_ " * 1_350 + "<b>\n\nso\nbe it") == (
        "<p>" + "_a_ " * 1_350 + "&lt;b&gt;</p>\n<p>so<br>\nbe it</p>"
    )


@pytest.mark.parametrize(
    ("few", "too_many"),
    [
        # At an open bracket the parser looks at all that follows, for the one that closes it.
        ("[" * 2 + "_a_ " * 600, "[" * 20 + "_a_ " * 600),
        # At an open parenthesis it reads an address letter by letter, to the next space.
        ("x[a](y " * 300 + "_a_", "x[a](y" * 300 + " _a_"),
        # A table's short rows are filled up to its width.
        (
            "|a|b|\n|-|-|\n" + "c\n" * 400 + "\n_a_",
            "|a" * 30 + "|\n" + "|-" * 30 + "|\n" + "c\n" * 400 + "\n_a_",
        ),
        # An item of a list costs as much as a line.
        ("- a\n" * 500 + "\n_a_", "- - - - a\n" * 500 + "\n_a_"),
    ],
    ids=["brackets", "addresses", "cells", "items"],
)
def test_what_would_keep_the_parser_busy_is_shown_as_it_is(few: str, too_many: str):
    assert "<em>a</em>" in render(few)
    html = render(too_many)
    assert "<em>" not in html
    assert html.startswith("<p>" + too_many[:8].replace("\n", "<br>\n"))


def test_a_picture_is_a_link_to_itself_and_a_reference_is_text():
    """Nothing is fetched from strangers, and no address that is written once is repeated a hundred times."""
    assert "<img" not in render("![gate](https://example.org/gate.png)")
    assert render("[a]: https://example.org\n\n[a]") == "<p>[a]: https://example.org</p>\n<p>[a]</p>"
