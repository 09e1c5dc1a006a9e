"""Where links lead: pure arithmetic on addresses."""

from __future__ import annotations

import ipaddress
import socket

from yarl import URL

from mjflow.errors import DownloadFailed
from mjflow.transport.redact import redact

_SCHEMES = frozenset({"http", "https"})


def on_base(base: URL, path: str) -> URL:
    """Return the address of a path under the base URL; the path is taken as it is."""
    return URL(str(base).rstrip("/") + "/" + path.lstrip("/"), encoded=True)


def place(url: URL) -> str:
    """Return the host, with the port where it is not the usual one: for messages."""
    return url.host_port_subcomponent or ""


def same_origin(one: URL, other: URL) -> bool:
    """Return whether two addresses have scheme, host and port in common."""
    return _origin(one) == _origin(other)


def resolve(link: str, base: URL) -> URL:
    """
    Return where a picture's link leads.

    Raises:
        DownloadFailed: It is no web address, or one that a server has no business to name.
    """
    url = _parse(link)
    if not url.scheme and not url.raw_host:
        return on_base(base, str(url))
    if not url.scheme:
        url = url.with_scheme(base.scheme)
    _require_web(url, link)
    # A badly configured gateway names itself as localhost (P§4.1).
    if _is_loopback(url) and not _is_internal(base):
        return on_base(base, url.raw_path_qs)
    return _require_outside(url, base)


def redirected(location: str, current: URL, base: URL) -> URL:
    """
    Return where a redirect leads.

    Raises:
        DownloadFailed: To another scheme, or into this machine or network.
    """
    url = current.join(_parse(location))
    _require_web(url, location)
    return _require_outside(url, base)


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme, (url.host or "").lower(), url.port


def _parse(link: str) -> URL:
    link = link.strip()
    if not link:
        raise DownloadFailed("there is no link to a picture")
    try:
        # Signatures in a link break when its escapes are normalised.
        return URL(link, encoded=link.isascii() and link.isprintable() and " " not in link)
    except ValueError as error:
        raise DownloadFailed(f"the link to the picture is no address: {redact(link)!r}") from error


def _require_web(url: URL, link: str) -> None:
    if url.scheme not in _SCHEMES or not url.raw_host:
        raise DownloadFailed(f"the link to the picture is no web address: {redact(link)!r}")


def _require_outside(url: URL, base: URL) -> URL:
    if _is_internal(url) and not _is_internal(base):
        raise DownloadFailed(
            f"a link to the picture leads into this machine or network: {url.host}"
        )
    return url.with_user(None) if url.raw_user is not None else url


def _is_loopback(url: URL) -> bool:
    address = _address(url)
    if address is None:
        return _is_localhost(url)
    return address.is_loopback or address.is_unspecified


def _is_internal(url: URL) -> bool:
    """Return whether it is this machine, or a link-local address as clouds keep secrets under."""
    address = _address(url)
    return _is_loopback(url) or (address is not None and address.is_link_local)


def _is_localhost(url: URL) -> bool:
    host = (url.host or "").lower().rstrip(".")
    return host == "localhost" or host.endswith(".localhost")


def _address(url: URL) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    host = (url.host or "").partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _short_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _short_address(host: str) -> ipaddress.IPv4Address | None:
    """Return the address behind `127.1`, `0x7f.1` or `2130706433`: resolvers know them too."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
