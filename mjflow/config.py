"""
Settings from arguments and the environment: nothing else in mjflow reads the environment.

An argument wins over its variable, a variable over the default; a blank variable counts as unset.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from mjflow.errors import InvalidInput, MissingKey
from mjflow.protocol.dialect import dialect_named
from mjflow.protocol.requests import Mode

log = logging.getLogger("mjflow.config")

DEFAULT_BASE_URL = "https://api.deerapi.com"
#: The dialect is found out by the server's answers.
AUTO = "auto"
#: Said in the place of a journal's file by those who want none.
MEMORY = "memory"

_LEVELS = ("debug", "info", "warning", "error")
# What a pasted address of one request has too much: from `/mj` or `/mj-fast` on (P§1).
_API_PATH = re.compile(r"/mj(-[a-z]+)?(/.*)?$", re.IGNORECASE)


@frozen(repr=False)
class Secret:
    """A text that shows itself to those who ask for it by name, and to nobody else."""

    _text: str

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return "***" if self._text else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"


@frozen(kw_only=True)
class Settings:
    """What a client works with, checked."""

    #: Scheme, host and perhaps a path, without a slash at the end and without `/mj`.
    base_url: str
    #: Empty only for a server on this machine.
    api_key: Secret
    #: A name from `protocol.dialect.DIALECTS`, or `AUTO`.
    dialect: str = AUTO
    #: `None`: the server's own default.
    mode: Mode | None = None
    #: Seconds; `None`: the dialect's.
    poll_interval: float | None = None
    #: The journal's file; `None` or `MEMORY`: none.
    journal: str | None = None
    #: A level of `logging`; `None`: left alone.
    log_level: int | None = None


def load(
    *,
    base_url: str | None = None,
    api_key: str | Secret | None = None,
    dialect: str | None = None,
    mode: Mode | str | None = None,
    poll_interval: float | None = None,
    journal: str | os.PathLike[str] | None = None,
    log_level: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """
    Return the settings of these arguments and the `MJFLOW_*` variables.

    Raises:
        MissingKey: No key was given, and the server is not on this machine.
        InvalidInput: Something cannot be what it should be; says what and where it came from.
    """
    given = _Given(environ)
    url = _base_url(*given.pick(base_url, "MJFLOW_BASE_URL"))
    return Settings(
        base_url=url.geturl(),
        api_key=_key(*given.pick(api_key, "MJFLOW_API_KEY"), url),
        dialect=_dialect(given.pick(dialect, "MJFLOW_DIALECT")[0]),
        mode=mode_named(*given.pick(mode, "MJFLOW_MODE")),
        poll_interval=_seconds(*given.pick(poll_interval, "MJFLOW_POLL_INTERVAL")),
        journal=_path(given.pick(journal, "MJFLOW_JOURNAL")[0]),
        log_level=_level(*given.pick(log_level, "MJFLOW_LOG")),
    )


def configure_logging(level: int | None) -> None:
    """
    Set the level of the logger `mjflow`; `None` leaves it alone.

    Where no handler would show the lines, one that writes to standard error is added.
    """
    if level is None:
        return
    logger = logging.getLogger("mjflow")
    logger.setLevel(level)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


@frozen
class _Given:
    environ: Mapping[str, str]

    def pick(self, argument: Any, variable: str) -> tuple[Any, str]:
        """Return the value that counts, `None` if there is none, and what to call it."""
        if argument is not None:
            return argument, variable.removeprefix("MJFLOW_").lower()
        return self.environ.get(variable, "").strip() or None, variable


def _base_url(text: str | None, name: str) -> SplitResult:
    if text is None:
        text = DEFAULT_BASE_URL
    text = text.strip()
    if "://" not in text:
        raise InvalidInput(f"{name} has no scheme: {_shown(text)}", advice=_with_scheme(text))
    url = _split(text, name)
    if url.username is not None or url.password is not None:
        raise InvalidInput(
            f"{name} has a user or password in it",
            advice="Put the key into MJFLOW_API_KEY, and nothing before the host.",
        )
    if url.query or url.fragment:
        raise InvalidInput(
            f"{name} has something behind a '?' or '#': {_shown(text)}", advice=_AS_PROVIDED
        )
    path = _API_PATH.sub("", url.path.rstrip("/")).rstrip("/")
    return SplitResult(url.scheme, url.netloc, path, "", "")


_AS_PROVIDED = "Give the address that your provider names, such as https://api.example.com."


def _split(text: str, name: str) -> SplitResult:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as error:
        raise InvalidInput(
            f"{name} is no web address ({error}): {_shown(text)}", advice=_AS_PROVIDED
        ) from error
    if url.scheme not in ("http", "https"):
        raise InvalidInput(
            f"{name} must begin with https:// or http://: {_shown(text)}", advice=_AS_PROVIDED
        )
    if not host or re.search(r"[\s\\]", text):
        raise InvalidInput(f"{name} has no proper host: {_shown(text)}", advice=_AS_PROVIDED)
    return url


def _with_scheme(text: str) -> str:
    host = re.sub(r"^https?:?/*", "", text, flags=re.IGNORECASE) or "api.example.com"
    name = host.partition("/")[0].partition(":")[0]
    scheme = "http" if _on_this_machine(name) else "https"
    return f"Write it as {scheme}://{host.rpartition('@')[2]}"


def _shown(text: str) -> str:
    """Return an address fit for a message: quoted, and without a password."""
    return repr(re.sub(r"(^|//)[^/@]*@", r"\1***@", text))


def _on_this_machine(host: str | None) -> bool:
    return host is not None and (host in {"localhost", "::1"} or host.startswith("127."))


def _key(given: str | Secret | None, name: str, url: SplitResult) -> Secret:
    text = given.reveal() if isinstance(given, Secret) else given or ""
    key = re.sub(r"^bearer(\s+|$)", "", text.strip(), flags=re.IGNORECASE)
    if not key and not _on_this_machine(url.hostname):
        raise MissingKey("there is no API key")
    if re.search(r"\s", key):
        raise InvalidInput(f"{name} has a space or a line break inside", advice=_COPY_KEY)
    if not (key.isascii() and key.isprintable()):
        raise InvalidInput(f"{name} has characters that no key has", advice=_COPY_KEY)
    if key and url.scheme == "http" and not _on_this_machine(url.hostname):
        _warn_of_plain_http(url.netloc)
    return Secret(key)


_COPY_KEY = "Copy the key again, whole and alone: pages often show it shortened."


@cache
def _warn_of_plain_http(place: str) -> None:
    log.warning("the key travels unencrypted to %s: use https:// if the server has it", place)


def _dialect(given: str | None) -> str:
    name = (given or AUTO).strip().lower()
    return name if name == AUTO else dialect_named(name).name


def mode_named(given: Mode | str | None, name: str = "mode") -> Mode | None:
    """
    Return a speed mode by its name, in any case.

    Raises:
        InvalidInput: There is none of that name.
    """
    if given is None:
        return None
    try:
        return Mode(given.strip().lower())
    except ValueError as error:
        known = ", ".join(Mode)
        raise InvalidInput(f"{name} is {given!r}; the modes are: {known}") from error


def _seconds(given: float | str | None, name: str) -> float | None:
    if given is None:
        return None
    try:
        seconds = float(given)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} is {given!r}, which is no number of seconds") from error
    if not isfinite(seconds) or seconds <= 0:
        raise InvalidInput(f"{name} is {given!r}; it must be more than 0 seconds")
    return seconds


def _path(given: str | os.PathLike[str] | None) -> str | None:
    return None if given is None else os.fspath(given)


def _level(given: str | None, name: str) -> int | None:
    if given is None:
        return None
    word = given.strip().lower()
    if word not in _LEVELS:
        raise InvalidInput(f"{name} is {given!r}; the levels are: {', '.join(_LEVELS)}")
    return logging.getLevelNamesMapping()[word.upper()]
