"""Where links lead."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from mjflow.errors import DownloadFailed
from mjflow.transport.links import on_base, place, redirected, resolve, same_origin

BASE = URL("https://api.example.com")
DEEP = URL("https://example.com/proxy/")
LOCAL = URL("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        (BASE, "/mj/task/1/fetch", "https://api.example.com/mj/task/1/fetch"),
        (DEEP, "/mj/task/1/fetch", "https://example.com/proxy/mj/task/1/fetch"),
        (BASE, "/mj/task/a%2Fb/fetch", "https://api.example.com/mj/task/a%2Fb/fetch"),
    ],
)
def test_on_base(base: URL, path: str, expected: str) -> None:
    """A path is put under the base URL and not touched otherwise."""
    assert str(on_base(base, path)) == expected


@pytest.mark.parametrize(
    ("link", "base", "expected"),
    [
        ("/mj/image/17", BASE, "https://api.example.com/mj/image/17"),
        ("mj/image/17?rand=1", DEEP, "https://example.com/proxy/mj/image/17?rand=1"),
        ("//cdn.example.com/a.png", BASE, "https://cdn.example.com/a.png"),
        (" https://cdn.example.com/a.png\n", BASE, "https://cdn.example.com/a.png"),
        ("http://localhost:3000/mj/image/17", BASE, "https://api.example.com/mj/image/17"),
        ("http://127.0.0.1:3000/mj/image/1?x=2", DEEP, "https://example.com/proxy/mj/image/1?x=2"),
        ("http://[::1]/mj/image/17", BASE, "https://api.example.com/mj/image/17"),
        ("http://[::ffff:127.0.0.1]/mj/image/1", BASE, "https://api.example.com/mj/image/1"),
        ("http://0.0.0.0:3000/mj/image/17", BASE, "https://api.example.com/mj/image/17"),
        ("http://localhost:3000/mj/image/17", LOCAL, "http://localhost:3000/mj/image/17"),
        ("https://user:word@cdn.example.com/a.png", BASE, "https://cdn.example.com/a.png"),
        ("https://:word@cdn.example.com/a.png", BASE, "https://cdn.example.com/a.png"),
        ("http://user:word@localhost/mj/image/1", BASE, "https://api.example.com/mj/image/1"),
        ("http://１２７.0.0.1/mj/image/1", BASE, "https://api.example.com/mj/image/1"),
        ("https://h/a%2Fb?sig=a%2Bb%3D&x=~", BASE, "https://h/a%2Fb?sig=a%2Bb%3D&x=~"),
        ("https://h/a cat.png", BASE, "https://h/a%20cat.png"),
        ("https://h/katze-ä.png", BASE, "https://h/katze-%C3%A4.png"),
    ],
)
def test_resolve(link: str, base: URL, expected: str) -> None:
    """A link leads where it says, a path to the base URL, localhost to the base URL as well."""
    assert str(resolve(link, base)) == expected


@pytest.mark.parametrize(
    "link",
    [
        "",
        "file:///etc/passwd",
        "ftp://example.com/a.png",
        "data:image/png;base64,AAAA",
        "https://",
        "http:///a.png",
        "http://[::1",
        "http://example.com:port/a.png",
        "http://example.com:99999/a.png",
        "http://[::1]]/a.png",
        "http://[example.com]/a.png",
        "http://[]@",
        "http://./a.png",
    ],
)
def test_links_that_no_picture_may_have(link: str) -> None:
    """Other schemes and broken addresses are refused."""
    with pytest.raises(DownloadFailed):
        resolve(link, BASE)


def test_refusal_does_not_repeat_a_picture() -> None:
    """A picture given as a link is not written into the message."""
    with pytest.raises(DownloadFailed) as caught:
        resolve("data:image/png;base64," + "iVBORw0K" * 1000, BASE)
    assert "data:image/png;base64,…(6000 bytes)" in str(caught.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("b.png", "https://cdn.example.com/x/b.png"),
        ("/b.png?s=a%2Bb", "https://cdn.example.com/b.png?s=a%2Bb"),
        ("//other.example.com/b.png", "https://other.example.com/b.png"),
        ("http://other.example.com/b.png", "http://other.example.com/b.png"),
    ],
)
def test_redirected(location: str, expected: str) -> None:
    """A redirect is relative to where it came from."""
    assert str(redirected(location, URL("https://cdn.example.com/x/a.png"))) == expected


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "http://["])
def test_redirects_that_are_not_followed(location: str) -> None:
    """A redirect to another scheme, or to nowhere, is refused."""
    with pytest.raises(DownloadFailed):
        redirected(location, URL("https://cdn.example.com/a.png"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.com/x", "https://a.com:443/y", True),
        ("https://a.com", "https://A.COM/y", True),
        ("https://a.com", "http://a.com", False),
        ("https://a.com", "https://a.com:8443", False),
        ("https://a.com", "https://b.a.com", False),
        ("https://a.com", "https://a.com.evil.com", False),
    ],
)
def test_same_origin(one: str, other: str, same: bool) -> None:
    """An origin is scheme, host and port."""
    assert same_origin(URL(one), URL(other)) is same


@pytest.mark.parametrize(
    ("url", "expected"), [("https://a.com:443/x", "a.com"), ("http://a.com:81", "a.com:81")]
)
def test_place(url: str, expected: str) -> None:
    """A place is named with its port where that is not the usual one."""
    assert place(URL(url)) == expected


@given(st.text() | st.from_regex(r"(https?:)?//[a-z0-9.:@%\[\]\\-]{0,12}[/?#:]?", fullmatch=True))
def test_any_text_is_a_web_address_or_refused(link: str) -> None:
    """Whatever a server sends as a link, nothing but our error comes out of it."""
    for follow in (partial(resolve, base=BASE), partial(redirected, current=BASE)):
        with suppress(DownloadFailed):
            url = follow(link)
            assert url.scheme in {"http", "https"}
            assert url.raw_host
            assert place(url)
