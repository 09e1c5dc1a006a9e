"""How far in addresses lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.transport.reach import Reach, reach_of, reach_of_host

CASES = {
    Reach.WORLD: [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.169.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "198.18.0.7",  # made up by a proxy for any name
        "2606:4700::1111",
        "2600::",
        "64:ff9b::101:101",
    ],
    Reach.NETWORK: [
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "fd12:3456::1",
        "fec0::1",
        "::ffff:192.168.1.1",
        "64:ff9b::a00:1",
        "2002:c0a8:101::1",
    ],
    Reach.MACHINE: [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "127.0.0.1.",
        "0x7f000001",
        "localhost",
        "LocalHost.",
        "app.localhost",
    ],
    Reach.LINK: [
        "169.254.169.254",
        "169.254.170.2",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2852039166",
        "fe80::1",
        "FE80::1%25eth0",
        "febf::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
    ],
}


@pytest.mark.parametrize(
    ("host", "reach"), [(host, reach) for reach, hosts in CASES.items() for host in hosts]
)
def test_reach_of_host(host: str, reach: Reach) -> None:
    """Every way to write an address counts, and so does an address inside another."""
    assert reach_of_host(host) is reach


@pytest.mark.parametrize(
    "name", ["example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.nip.io", "", "a\0b"]
)
def test_names_are_left_to_the_resolver(name: str) -> None:
    """Of a name nothing is known yet."""
    assert reach_of_host(name) is None


@given(st.ip_addresses())
def test_every_address_has_a_reach(address: object) -> None:
    """Writing an address down and reading it again changes nothing."""
    assert reach_of(address) is reach_of_host(str(address))  # type: ignore[arg-type]


@given(st.text())
def test_any_text_is_asked_for_without_harm(host: str) -> None:
    """Whatever stands where a host should, nothing is raised."""
    assert reach_of_host(host) in {None, *Reach}
