"""Where links lead: pure arithmetic on addresses."""

from __future__ import annotations

from contextlib import suppress

from yarl import URL

from mjflow.errors import DownloadFailed
from mjflow.transport.reach import Reach, reach_of_host
from mjflow.transport.redact import redact

_SCHEMES = frozenset({"http", "https"})
_LONGEST_SHOWN = 200
# Of a bad address, or a very bad one (`//[]@`).  What yarl says of it quotes parts of it, so it is
# no cause to be shown.
_STUMBLES = (ValueError, IndexError)


def on_base(base: URL, path: str) -> URL:
    """Return the address of a path under the base URL; the path is taken as it is."""
    return URL(str(base).rstrip("/") + "/" + path.lstrip("/"), encoded=True)


def place(url: URL) -> str:
    """Return the host, with the port where it is not the usual one: for messages."""
    return url.host_port_subcomponent or ""


def same_origin(one: URL, other: URL) -> bool:
    """Return whether two addresses have scheme, host and port in common."""
    return _origin(one) == _origin(other)


def resolve(link: str, base: URL, key: str = "") -> URL:
    """
    Return where a picture's link leads; whether it may lead there is the `Guard`'s to say.

    Args:
        key: Left out of messages.

    Raises:
        DownloadFailed: It is no web address.
    """
    url = _parse(link, key)
    if not url.scheme and not url.raw_host:
        return on_base(base, str(url))
    if not url.scheme:
        url = url.with_scheme(base.scheme)
    _require_web(url, link, key)
    # A badly configured gateway names itself as localhost (P§4.1).
    if _is_local(url) and not _is_local(base):
        return on_base(base, url.raw_path_qs)
    return _without_user(url)


def redirected(location: str, current: URL, key: str = "") -> URL:
    """
    Return where a redirect leads; whether it may lead there is the `Guard`'s to say.

    Args:
        key: Left out of messages.

    Raises:
        DownloadFailed: To another scheme, or nowhere.
    """
    url = current.join(_parse(location, key))
    _require_web(url, location, key)
    return _without_user(url)


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme, (url.host or "").lower(), url.port


def _parse(link: str, key: str) -> URL:
    link = link.strip()
    if not link:
        raise DownloadFailed("there is no link to a picture")
    with suppress(*_STUMBLES):
        # Signatures in a link break when its escapes are normalised.
        url = URL(link, encoded=link.isascii() and link.isprintable() and " " not in link)
        # A bad host or port is complained of when it is first looked at.
        _ = url.raw_host, url.port
        return url
    raise DownloadFailed(f"the link to the picture is no address: {_shown(link, key)!r}")


def _require_web(url: URL, link: str, key: str) -> None:
    with suppress(*_STUMBLES):
        if url.scheme in _SCHEMES and (url.raw_host or "").strip(".") and url.port:
            return
    raise DownloadFailed(f"the link to the picture is no web address: {_shown(link, key)!r}")


def _without_user(url: URL) -> URL:
    """Leave out a user and password, which would be sent along as credentials."""
    return url if url.raw_user is None and url.raw_password is None else url.with_user(None)


def _is_local(url: URL) -> bool:
    return reach_of_host(url.host or "") is Reach.MACHINE


def _shown(link: str, key: str) -> str:
    """Return as much of a link as tells what is wrong with it."""
    text = redact(link, key)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
