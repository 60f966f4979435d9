"""What comes from a stranger's host, honest or not, and how it leads on."""

import contextlib
import gzip
import hashlib
import os
import ssl
import time

import pytest
import trustme

from media.remote.fetcher import MOST_REDIRECTS, Fetched, fetch
from media.remote.refusals import Refused, Why
from tests.media.remote.hosts import PICTURE, PUBLIC, PUBLIC_6, drips, host, leads, says, shows

MOST = 100_000
URL = "http://goteo.example/"


def fetched(internet, tmp_path, answers, url=URL, *, most=MOST, seconds=5.0, **changed):
    """What comes of a fetch from a host with these answers."""
    with host(answers) as stranger:
        internet.puts(stranger, "goteo.example")
        return fetch(
            url, most_bytes=most, into=tmp_path / "p", reach=internet.reach(**changed), seconds=seconds
        )


def refused(internet, tmp_path, answers, url=URL, **more) -> Why:
    """Why a fetch is refused, after which there is no file, and no canary was called."""
    with pytest.raises(Refused) as caught:
        fetched(internet, tmp_path, answers, url, **more)
    assert list(tmp_path.iterdir()) == []
    assert [canary.calls for canary in internet.canaries] == [0, 0]
    return caught.value.why


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif", "avif"])
def test_a_picture_comes_as_its_host_has_it(internet, tmp_path, kind):
    got = fetched(internet, tmp_path, {"/": shows(PICTURE, f"Image/{kind.upper()}; q=1")})
    assert got == Fetched(f"image/{kind}", len(PICTURE), hashlib.sha256(PICTURE).hexdigest())
    assert (tmp_path / "p").read_bytes() == PICTURE


def test_what_is_asked_says_little_and_nothing_of_the_machine(internet, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{internet.canaries[0].port}")
    with host({"/a%20b/ni%C3%B1o.png?x=[1]": shows(PICTURE, "image/png", "Set-Cookie: a=b")}) as stranger:
        internet.puts(stranger, "goteo.example")
        url = "http://GOTEO.example:80/a%20b/niño.png?x=[1]"
        for _ in range(2):
            fetch(url, most_bytes=MOST, into=tmp_path / "p", reach=internet.reach())
        assert stranger.requests == 2 * [
            "GET /a%20b/ni%C3%B1o.png?x=[1] HTTP/1.1\r\n"
            "Host: goteo.example\r\n"
            "Accept: image/jpeg, image/png, image/webp, image/gif, image/avif\r\n"
            "Accept-Encoding: identity\r\n"
            "User-Agent: Acequia\r\n\r\n"
        ]
    assert internet.called == [(PUBLIC, 80)] * 2
    assert [canary.calls for canary in internet.canaries] == [0, 0]


def test_a_host_that_does_not_answer_at_one_address_is_called_at_the_next(internet, tmp_path):
    with host({"/": shows()}) as stranger, host({}) as gone:
        internet.puts(stranger, "goteo.example")
        gone.close()
        internet.ports[PUBLIC_6, 80] = gone.port
        internet.names["goteo.example"] = (PUBLIC_6, PUBLIC)
        assert fetch(URL, most_bytes=MOST, into=tmp_path / "p", reach=internet.reach()).byte_size == len(
            PICTURE
        )
    assert internet.called == [(PUBLIC_6, 80), (PUBLIC, 80)]


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_followed(internet, tmp_path, status):
    answers = {"/": leads("a/../here?x=1", status), "/here?x=1": shows()}
    assert fetched(internet, tmp_path, answers).byte_size == len(PICTURE)
    assert internet.asked == ["goteo.example", "goteo.example"]


def hops(number: int):
    return {f"/{step or ''}": leads(f"/{step + 1}") for step in range(number)} | {f"/{number}": shows()}


def test_five_redirects_are_followed_and_not_a_sixth(internet, tmp_path):
    assert fetched(internet, tmp_path, hops(MOST_REDIRECTS)).byte_size == len(PICTURE)
    (tmp_path / "p").unlink()
    internet.called.clear()
    assert refused(internet, tmp_path, hops(MOST_REDIRECTS + 1)) == Why.REDIRECT
    assert len(internet.called) == 6


def test_a_redirect_in_a_circle_ends(internet, tmp_path):
    assert refused(internet, tmp_path, {"/": leads("/b"), "/b": leads("/")}) == Why.REDIRECT
    assert len(internet.called) == 6


LEAD_HOME = [
    *(
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "//127.0.0.1/",
        "///127.0.0.1/",
        "http://2130706433/",
    ),
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0/",
    ),
    *(
        "http://goteo.example@127.0.0.1/",
        "http://goteo.example:6379/",
        "file:///etc/passwd",
        "ftp://goteo.example/",
    ),
    *(
        "http://goteo.example\\@127.0.0.1/",
        "\\\\127.0.0.1/",
        "http://goteo.example./",
        "/#fragment",
        "http://[::1",
    ),
    *("javascript:1", "data:image/png;base64,AA", f"/{'a' * 3000}", "/\xff", "/a b", "http:127.0.0.1/"),
]


@pytest.mark.parametrize("to", LEAD_HOME, ids=lambda to: repr(to)[:50])
@pytest.mark.parametrize("hop", [1, 3])
def test_a_redirect_to_us_is_refused_at_every_hop(internet, tmp_path, to, hop):
    before = {f"/{step or ''}": leads(f"/{step + 1}") for step in range(hop - 1)}
    last = f"/{hop - 1 or ''}"
    # "http:127.0.0.1/" is a path for some readers: whatever it is, it does not lead home.
    why = refused(internet, tmp_path, {**before, last: leads(to)})
    assert why in (Why.ADDRESS, Why.UNREACHABLE, Why.STATUS)
    assert {address for address, _ in internet.called} == {PUBLIC}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:7f00:1"])
def test_a_third_hop_to_a_name_that_leads_home_is_refused(internet, tmp_path, address):
    internet.names["evil.example"] = (PUBLIC, address)
    answers = {"/": leads("/b"), "/b": leads("/c"), "/c": leads("http://evil.example/")}
    assert refused(internet, tmp_path, answers) == Why.PRIVATE
    assert internet.called == [(PUBLIC, 80)] * 3


def test_a_redirect_to_us_reaches_us_where_everybody_is_admitted(internet, tmp_path):
    """The control of the two before."""
    internet.names["evil.example"] = ("127.0.0.1",)
    answers = {"/": leads("/b"), "/b": leads("/c"), "/c": leads("http://evil.example/")}
    assert fetched(internet, tmp_path, answers, admits=lambda address: True).byte_size
    assert [canary.calls for canary in internet.canaries] == [1, 0]


IMAGE = "Content-Type: image/png"
BOMB = gzip.compress(bytes(10_000_000))
ANSWERS = {
    "nothing there": (says("404 Not Found", IMAGE, body=PICTURE), Why.STATUS),
    "a part of it": (says("206 Partial Content", IMAGE, "Content-Length: 3", body=b"abc"), Why.STATUS),
    "no content": (says("204 No Content", IMAGE), Why.STATUS),
    "not modified": (says("304 Not Modified", IMAGE), Why.STATUS),
    "another protocol": (says("101 Switching Protocols", "Upgrade: x"), Why.UNREACHABLE),
    "a redirect to nowhere": (says("302 Found", "Content-Length: 0"), Why.REDIRECT),
    "an empty redirect": (says("302 Found", "Location: ", "Content-Length: 0"), Why.REDIRECT),
    "two redirects": (says("302 Found", "Location: /a", "Location: http://127.0.0.1/"), Why.UNREACHABLE),
    "a page": (shows(b"<html>", "text/html"), Why.TYPE),
    "an SVG": (shows(b"<svg/>", "image/svg+xml"), Why.TYPE),
    "a PDF": (shows(b"%PDF-1.7", "application/pdf"), Why.TYPE),
    "no type": (says("200 OK", "Content-Length: 3", body=b"abc"), Why.TYPE),
    "two types": (says("200 OK", IMAGE, "Content-Type: text/html", body=PICTURE), Why.UNREACHABLE),
    "a type that begins like a picture's": (shows(PICTURE, "image/pngx"), Why.TYPE),
    "a bomb": (shows(BOMB, "image/png", "Content-Encoding: gzip"), Why.ENCODED),
    "a bomb under another name": (shows(BOMB, "image/png", "Content-Encoding: br, gzip"), Why.ENCODED),
    "a bomb for its way": (says("200 OK", IMAGE, "Transfer-Encoding: gzip, chunked"), Why.UNREACHABLE),
    "nothing": (shows(b""), Why.EMPTY),
    "nothing, in no chunk": (
        says("200 OK", IMAGE, "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        Why.EMPTY,
    ),
    "one byte too much": (shows(bytes(MOST + 1)), Why.TOO_LARGE),
    "too much, unannounced": (says("200 OK", IMAGE, body=bytes(MOST + 1)), Why.TOO_LARGE),
    "too much, announced": (says("200 OK", IMAGE, f"Content-Length: {MOST + 1}"), Why.TOO_LARGE),
    "more than there is": (says("200 OK", IMAGE, "Content-Length: 99", body=b"abc"), Why.UNREACHABLE),
    "less than nothing": (says("200 OK", IMAGE, "Content-Length: -1", body=b"abc"), Why.UNREACHABLE),
    "a length of thousands of digits": (
        says("200 OK", IMAGE, f"Content-Length: {'9' * 5000}"),
        Why.UNREACHABLE,
    ),
    "two lengths": (
        says("200 OK", IMAGE, "Content-Length: 3", "Content-Length: 4", body=b"abcd"),
        Why.UNREACHABLE,
    ),
    "a chunk that is none": (
        says("200 OK", IMAGE, "Transfer-Encoding: chunked", body=b"zz\r\n"),
        Why.UNREACHABLE,
    ),
    "a chunk that breaks off": (
        says("200 OK", IMAGE, "Transfer-Encoding: chunked", body=b"5\r\nab"),
        Why.UNREACHABLE,
    ),
    "an endless head": (
        says("200 OK", IMAGE, *[f"X-{n}: {'y' * 1000}" for n in range(300)]),
        Why.UNREACHABLE,
    ),
    "no HTTP": (lambda line: line.sendall(b"SSH-2.0-OpenSSH_9.9\r\n"), Why.UNREACHABLE),
    "silence at once": (lambda line: None, Why.UNREACHABLE),
    "HTTP/2": (lambda line: line.sendall(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"), Why.UNREACHABLE),
    "bytes of another script": (says("200 OK", "Content-Type: \xff\xfe"), Why.UNREACHABLE),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_no_picture_is_refused(internet, tmp_path, name):
    answer, why = ANSWERS[name]
    assert refused(internet, tmp_path, {"/": answer}) == why
    assert internet.called == [(PUBLIC, 80)]


def test_as_many_bytes_as_may_be_are_kept(internet, tmp_path):
    assert fetched(internet, tmp_path, {"/": shows(bytes(MOST))}).byte_size == MOST
    chunked = says("200 OK", IMAGE, "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n\r\n")
    assert fetched(internet, tmp_path, {"/": chunked}, most=3).byte_size == 3


def endless(line) -> None:
    with contextlib.suppress(OSError):
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
        while True:
            line.sendall(bytes(65536))


def test_a_body_without_an_end_is_read_no_further_than_it_may_be(internet, tmp_path):
    began = time.monotonic()
    assert refused(internet, tmp_path, {"/": endless}) == Why.TOO_LARGE
    assert time.monotonic() - began < 1


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99999\r\n\r\n"
DRIPS = {
    "nothing": lambda line: time.sleep(5),
    "its head": drips(b"HTTP/1.1 200 OK\r\nX: "),
    "its body": drips(HEAD),
    "its chunks": drips(HEAD.replace(b"Content-Length: 99999", b"Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "promises": drips(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_who_drips_is_left_when_the_time_is_over(internet, tmp_path, what):
    began = time.monotonic()
    assert refused(internet, tmp_path, {"/": DRIPS[what]}, seconds=0.4) == Why.TOO_SLOW
    assert 0.3 < time.monotonic() - began < 1.5


def test_the_time_is_that_of_all_hops_together(internet, tmp_path):
    def slowly(line) -> None:
        time.sleep(0.15)
        leads("/")(line)

    began = time.monotonic()
    assert refused(internet, tmp_path, {"/": slowly}, seconds=0.4) == Why.TOO_SLOW
    assert time.monotonic() - began < 1


def test_a_handshake_that_never_ends_is_left_too(internet, tmp_path):
    with host({}) as stranger:  # It waits for a request in clear.
        internet.puts(stranger, "goteo.example", port=443)
        began = time.monotonic()
        with pytest.raises(Refused, match="TOO_SLOW"):
            fetch(
                "https://goteo.example/",
                most_bytes=MOST,
                into=tmp_path / "p",
                reach=internet.reach(),
                seconds=0.4,
            )
        assert time.monotonic() - began < 1


def test_a_host_that_nobody_knows_or_that_is_down_is_said_so(internet, tmp_path):
    internet.names["nobody.example"] = ()
    assert refused(internet, tmp_path, {}, "http://nobody.example/") == Why.UNKNOWN
    with host({}) as gone:
        internet.puts(gone, "gone.example")
        gone.close()
        with pytest.raises(Refused, match="UNREACHABLE"):
            fetch("http://gone.example/", most_bytes=MOST, into=tmp_path / "p", reach=internet.reach())


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority):
    """What trusts that authority; and the names that its certificates are for are verified, as by default."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def serving(authority, *names, **more):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **more).configure_cert(context)
    return context


def secure(internet, tmp_path, context, trusted, answers):
    with host(answers, tls=context) as stranger:
        internet.puts(stranger, "goteo.example", port=443)
        return fetch(
            "https://goteo.example/",
            most_bytes=MOST,
            into=tmp_path / "p",
            reach=internet.reach(**({"tls": trusted} if trusted else {})),
        )


def test_a_host_that_proves_its_name_is_read_over_tls(internet, tmp_path, authority, trusting):
    context = serving(authority, "goteo.example")
    assert secure(internet, tmp_path, context, trusting, {"/": shows()}).byte_size == len(PICTURE)
    assert internet.called == [(PUBLIC, 443)]


@pytest.mark.parametrize("name", ["evil.example", "*.goteo.example", PUBLIC, "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(internet, tmp_path, authority, trusting, name):
    with pytest.raises(Refused, match="TLS"):
        secure(internet, tmp_path, serving(authority, name), trusting, {"/": shows()})


def test_an_authority_that_nobody_knows_is_refused_by_default(internet, tmp_path, authority):
    with pytest.raises(Refused, match="TLS"):
        secure(internet, tmp_path, serving(authority, "goteo.example"), None, {"/": shows()})


def test_a_redirect_out_of_tls_is_refused(internet, tmp_path, authority, trusting):
    with host({"/": shows()}) as plain:
        internet.puts(plain, "plain.example", PUBLIC_6)
        with pytest.raises(Refused, match="REDIRECT"):
            secure(
                internet,
                tmp_path,
                serving(authority, "goteo.example"),
                trusting,
                {"/": leads("http://plain.example/")},
            )
        assert plain.calls == 0


def test_thirty_fetches_leave_no_connection_open(internet, tmp_path):
    fetched(internet, tmp_path, {"/": shows()})
    before = len(os.listdir("/proc/self/fd"))
    for answer in (shows(), shows(b"", "text/html"), leads("http://127.0.0.1/")) * 10:
        with contextlib.suppress(Refused):
            fetched(internet, tmp_path, {"/": answer})
    time.sleep(0.1)
    assert len(os.listdir("/proc/self/fd")) <= before + 2
