"""What is no plain address of the public internet is refused before anybody is called."""

import ipaddress
import socket
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from media.remote import reach
from media.remote.addresses import read
from media.remote.fetcher import fetch
from media.remote.reach import Reach, is_public
from media.remote.refusals import Refused, Why
from tests.media.remote.hosts import PUBLIC, PUBLIC_6, host, leads, shows

HOSTILE_URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.000.000.001/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://0x7F.0x0.0x0.0x1/",
    "http://2130706433/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0x0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:0:0:0:0:80ff:fffe]/",
    "http://[fe80::1%25lo]/",
    "http://[fd00:ec2::254]/",
    "http://[v1.a]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://redis/",
    "http://localhost./",
    "http://goteo.example./",
    "http://.goteo.example/",
    "http://goteo..example/",
    "http://127.0.0.1./",
    "http://127.0.0.1.:80/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http://ⓛocalhost.example/",
    "http://goteo.exa\u00admple/",
    "http://münchen.example/",
    "http://xn--mnchen-3ya.example/",
    "http://goteo.xn--p1ai/",
    "http://ana@goteo.example/",
    "http://ana:secret@goteo.example/",
    "http://goteo.example@127.0.0.1/",
    "http://goteo.example:80@127.0.0.1/",
    "http://127.0.0.1#@goteo.example/",
    "http://goteo.example#@127.0.0.1/",
    "http://goteo.example/#fragment",
    "http://goteo.example\\@127.0.0.1/",
    "http://127.0.0.1\\.goteo.example/",
    "http://goteo.example/\\..\\x",
    "http://127.0.0.1%2f.goteo.example/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.goteo.example/",
    "http://127.0.0.1\x00.goteo.example/",
    "http://goteo.example/a b",
    "http://goteo.example/\r\nHost: 127.0.0.1",
    "http://goteo.example/\tx",
    " http://goteo.example/",
    "http://goteo.example/\u2028",
    "http://goteo.example/\ud800",
    "http:///127.0.0.1/",
    "http:/127.0.0.1/",
    "http:127.0.0.1/",
    "//127.0.0.1/",
    "http://goteo.example:22/",
    "http://goteo.example:6379/",
    "http://goteo.example:443/",
    "https://goteo.example:80/",
    "http://goteo.example:080/",
    "http://goteo.example:/",
    "http://goteo.example:80:80/",
    "http://goteo.example:٨٠/",
    "http://goteo_x.example/",
    "http://-goteo.example/",
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 130}example/",
    f"http://goteo.example/{'a' * 2048}",
    f"http://{'a' * 1_000_000}",
    "ftp://goteo.example/",
    "file:///etc/passwd",
    "gopher://goteo.example/_x",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "unix:///run/redis.sock",
    "http+unix://goteo.example/",
    "",
    "http://",
    "goteo.example",
]


@pytest.mark.parametrize("url", HOSTILE_URLS, ids=lambda url: repr(url)[:60])
def test_a_hostile_address_is_refused_and_nobody_is_called(internet, tmp_path, url):
    into = tmp_path / "picture"
    with pytest.raises(Refused) as refused:
        fetch(url, most_bytes=1000, into=into, reach=internet.reach())
    assert (refused.value.why, internet.asked, into.exists()) == (Why.ADDRESS, [], False)
    assert internet.untouched()


NOT_PUBLIC = [
    *(
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",  # noqa: S104
        "0.1.2.3",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.0.1",
        "169.254.169.254",
    ),
    *("100.64.0.1", "100.127.255.255", "192.0.0.9", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.7", "224.0.0.251", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::93.184.215.14", "64:ff9b::5db8:d70e"),
    *(
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:5ef5:79fd::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:5db8:d70e::1",
    ),
    *(
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%lo",
        "2606::1%lo",
        "fec0::1",
        "ff02::1",
    ),
    *("2606:2800::5efe:7f00:1", "2606:2800::200:5efe:7f00:1", "4000::1", "redis", "", "0x7f000001", "127.1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_to_no_public_address_is_refused(internet, tmp_path, address):
    internet.names["evil.example"] = (address,)
    with pytest.raises(Refused) as refused:
        fetch("http://evil.example/", most_bytes=10**6, into=tmp_path / "picture", reach=internet.reach())
    assert (refused.value.why, internet.asked) == (Why.PRIVATE, ["evil.example"])
    assert internet.untouched()


@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_one_address_of_ours_among_public_ones_refuses_them_all(internet, tmp_path, private):
    internet.names["evil.example"] = (PUBLIC, PUBLIC_6, private)
    with pytest.raises(Refused, match="PRIVATE"):
        fetch("http://evil.example/", most_bytes=10**6, into=tmp_path / "picture", reach=internet.reach())
    assert internet.untouched()


@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "0.0.0.0"])  # noqa: S104
def test_the_canary_is_seen_by_whoever_admits_everybody(internet, tmp_path, private):
    """The control: what keeps the fetcher from our own addresses is the judgement, and nothing by chance."""
    internet.names["evil.example"] = (private,)
    reach = internet.reach(admits=lambda address: True)
    assert fetch("http://evil.example/", most_bytes=10**6, into=tmp_path / "p", reach=reach).byte_size
    assert sum(canary.calls for canary in internet.canaries) == 1


def test_a_name_is_resolved_once_so_its_second_answer_is_never_heard(internet, tmp_path):
    answers = [(PUBLIC,), ("127.0.0.1",)]

    def rebinding(name: str, seconds: float):
        internet.asked.append(name)
        return answers.pop(0)

    with host({"/": shows()}) as stranger:
        internet.puts(stranger, "evil.example")
        reach = internet.reach(resolve=rebinding)
        assert fetch("http://evil.example/", most_bytes=10**6, into=tmp_path / "p", reach=reach).byte_size
    assert (internet.asked, internet.called) == (["evil.example"], [(PUBLIC, 80)])
    assert [canary.calls for canary in internet.canaries] == [0, 0]


def test_a_name_that_is_answered_otherwise_at_the_next_hop_is_judged_anew(internet, tmp_path):
    answers = [(PUBLIC,), ("127.0.0.1",)]
    with host({"/": leads("/again")}) as stranger:
        internet.puts(stranger, "evil.example")
        reach = internet.reach(resolve=lambda name, seconds: answers.pop(0))
        with pytest.raises(Refused, match="PRIVATE"):
            fetch("http://evil.example/", most_bytes=10**6, into=tmp_path / "p", reach=reach)
    assert internet.called == [(PUBLIC, 80)]
    assert [canary.calls for canary in internet.canaries] == [0, 0]


@pytest.mark.parametrize("url", ["http://localhost.localdomain/", "http://ip6-localhost.localhost/"])
def test_as_it_is_by_default_it_reaches_nothing_of_this_machine(tmp_path, url):
    with pytest.raises(Refused) as refused:
        fetch(url, most_bytes=10**6, into=tmp_path / "picture", seconds=3)
    # What the machine's resolver makes of such names differs; that none of it is public does not.
    assert refused.value.why in (Why.PRIVATE, Why.UNKNOWN, Why.TOO_SLOW)


def test_the_real_judge_and_the_real_resolver_are_what_a_fetch_has_by_default():
    default = Reach()
    assert (default.resolve, default.admits, default.connect) == (reach.resolve, is_public, reach.connect)
    assert "127.0.0.1" in reach.resolve("localhost", 5) or "::1" in reach.resolve("localhost", 5)
    assert not any(is_public(address) for address in reach.resolve("localhost", 5))


def test_a_resolver_that_does_not_answer_is_left_behind(monkeypatch):
    monkeypatch.setattr(reach.socket, "getaddrinfo", lambda *args, **more: time.sleep(0.5) or [])
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        reach.resolve("slow.example", 0.1)
    assert time.monotonic() - began < 0.4


def _parts(value: int, split: int) -> list[int]:
    """The numbers that inet_aton reads: the last takes all the bytes that are left."""
    shifts = [24, 16, 8][: split - 1]
    rest = 32 - 8 * (split - 1)
    return [value >> shift & 255 for shift in shifts] + [value & (1 << rest) - 1]


spelled_4 = st.builds(
    lambda value, split, forms: ".".join(
        form % part for form, part in zip(forms, _parts(value, split), strict=False)
    ),
    st.integers(0, 2**32 - 1)
    | st.sampled_from([0x7F000001, 0x0A000001, 0xA9FEA9FE, 0, 0xC0A80001, 0x64400001]),
    st.integers(1, 4),
    st.lists(st.sampled_from(["%d", "0%o", "0x%x", "0X%X", "0x%08x", "000%o"]), min_size=4, max_size=4),
)


@given(spelled_4)
@example("127.1")
@example("0x7f.1")
def test_no_spelling_of_an_ipv4_address_is_fetched(spelled):
    resolved = str(ipaddress.IPv4Address(socket.inet_aton(spelled)))
    with pytest.raises(Refused):
        read(f"http://{spelled}/")
    # And a resolver that gives it as the address of a name is not believed, unless it is one, and public.
    assert is_public(spelled) <= (spelled == resolved and ipaddress.ip_address(resolved).is_global)


def _spelled_6(value: int, form: str) -> str:
    address = ipaddress.IPv6Address(value)
    match form:
        case "exploded":
            return address.exploded
        case "upper":
            return str(address).upper()
        case "dotted":
            head = ":".join(address.exploded.split(":")[:6])
            return f"{head}:{ipaddress.IPv4Address(value & 0xFFFFFFFF)}"
        case _:
            return str(address)


_EMBEDDING = ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "fe80::", "fec0::", "2606:2800::5efe:0:0")
values_6 = (
    st.integers(0, 2**128 - 1)
    | st.builds(
        lambda prefix, four: int(ipaddress.IPv6Address(prefix)) | four,
        st.sampled_from(_EMBEDDING),
        st.integers(0, 2**32 - 1),
    )
    | st.builds(
        lambda four, rest: 0x2002 << 112 | four << 80 | rest,
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**80 - 1),
    )
)


@given(values_6, st.sampled_from(["exploded", "upper", "dotted", "short"]))
def test_no_spelling_of_an_ipv6_address_that_is_not_global_is_called(value, form):
    spelled = _spelled_6(value, form)
    with pytest.raises(Refused):
        read(f"http://[{spelled}]/")
    address = ipaddress.IPv6Address(socket.getaddrinfo(spelled, 80, flags=socket.AI_NUMERICHOST)[0][4][0])
    embedded = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
    assume(not address.is_global or address.is_multicast or embedded)
    assert not is_public(spelled)


@given(st.integers(0, 2**32 - 1))
def test_what_is_called_at_ipv4_is_global_by_everybodys_account(value):
    address = ipaddress.IPv4Address(value)
    assert is_public(str(address)) <= (
        address.is_global and not address.is_multicast and not address.is_private
    )
    assert not is_public(f"::ffff:{address}")


@pytest.mark.parametrize(
    "address", [PUBLIC, PUBLIC_6, "1.1.1.1", "8.8.8.8", "2a00:1450:4003:80f::200e", "99.255.1.1"]
)
def test_public_addresses_are_admitted(address):
    assert is_public(address)
