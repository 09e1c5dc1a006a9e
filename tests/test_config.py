"""Settings from arguments and the environment."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow import Client, config
from mjflow.config import DEFAULT_BASE_URL, Secret, Settings, configure_logging, load
from mjflow.errors import InvalidInput, MissingKey
from mjflow.protocol.requests import Mode

KEY = "sk-0123456789abcdefSECRET"
ENVIRON = {
    "MJFLOW_API_KEY": KEY,
    "MJFLOW_BASE_URL": "https://mj.example.com/",
    "MJFLOW_DIALECT": "TrueAI",
    "MJFLOW_MODE": " fast ",
    "MJFLOW_POLL_INTERVAL": "2.5",
    "MJFLOW_JOURNAL": "runs/journal.db",
    "MJFLOW_LOG": "debug",
}


def test_defaults() -> None:
    """A key is all that is needed."""
    assert load(api_key=KEY, environ={}) == Settings(
        base_url=DEFAULT_BASE_URL,
        api_key=Secret(KEY),
        dialect="auto",
        mode=None,
        poll_interval=None,
        journal=None,
        log_level=None,
    )


def test_environment() -> None:
    """Every variable has its setting."""
    assert load(environ=ENVIRON) == Settings(
        base_url="https://mj.example.com",
        api_key=Secret(KEY),
        dialect="trueai",
        mode=Mode.FAST,
        poll_interval=2.5,
        journal="runs/journal.db",
        log_level=logging.DEBUG,
    )


def test_arguments_win() -> None:
    """What is given in the call counts more than what stands in the environment."""
    settings = load(
        base_url="http://localhost:8080",
        api_key=Secret("other-key"),
        dialect="gateway",
        mode=Mode.RELAX,
        poll_interval=1,
        journal=Path("other.db"),
        log_level="error",
        environ=ENVIRON,
    )
    assert settings == Settings(
        base_url="http://localhost:8080",
        api_key=Secret("other-key"),
        dialect="gateway",
        mode=Mode.RELAX,
        poll_interval=1.0,
        journal="other.db",
        log_level=logging.ERROR,
    )


def test_blank_variables_count_as_unset() -> None:
    """A variable that is set to nothing, or to blanks, is not there."""
    blank = dict.fromkeys(ENVIRON, "  ") | {"MJFLOW_API_KEY": KEY}
    assert load(environ=blank) == load(api_key=KEY, environ={})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("  https://api.example.com//\n", "https://api.example.com"),
        ("https://api.example.com/mj", "https://api.example.com"),
        ("https://api.example.com/mj/", "https://api.example.com"),
        ("https://api.example.com/mj/submit/imagine", "https://api.example.com"),
        ("https://api.example.com/mj-fast/mj/submit/imagine", "https://api.example.com"),
        ("https://example.com/proxy/mj", "https://example.com/proxy"),
        ("https://example.com/mjproxy", "https://example.com/mjproxy"),
        ("https://example.com/a/mj-relax/mj/task/1/fetch", "https://example.com/a"),
        ("HTTPS://example.com:8443/", "https://example.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_base_url_is_cut_before_the_api(given: str, expected: str) -> None:
    """Slashes at the end and a pasted path of the API are cut off."""
    assert load(base_url=given, api_key=KEY, environ={}).base_url == expected


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("api.example.com", "https://api.example.com"),
        ("api.example.com/mj", "https://api.example.com/mj"),
        ("https//api.example.com", "https://api.example.com"),
        ("https:/api.example.com", "https://api.example.com"),
        ("localhost:8080", "http://localhost:8080"),
        ("", "https://api.example.com"),
        ("ftp://api.example.com", "must begin with https:// or http://"),
        ("https://", "has no proper host"),
        ("https:///mj", "has no proper host"),
        ("https://a b.example.com", "has no proper host"),
        ("https://api.example.com:port", "is no web address"),
        ("https://[::1", "is no web address"),
        ("https://api.example.com/?key=1", "'?' or '#'"),
        ("https://api.example.com/#/login", "'?' or '#'"),
    ],
)
def test_base_url_that_cannot_work(given: str, words: str) -> None:
    """A wrong base URL is named and says what to write instead."""
    with pytest.raises(InvalidInput) as caught:
        load(base_url=given, api_key=KEY, environ={})
    assert words in str(caught.value)
    assert "base_url" in str(caught.value)


@pytest.mark.parametrize("given", ["https://me:hidden@h.com", "me:hidden@h.com", "https://me@h:x"])
def test_password_in_the_base_url_is_refused_and_hidden(given: str) -> None:
    """A user or password in the URL is no place for a key, nor is the message."""
    with pytest.raises(InvalidInput) as caught:
        load(base_url=given, api_key=KEY, environ={})
    assert "hidden" not in str(caught.value)


def test_complaint_names_the_variable() -> None:
    """What came from the environment is called by its variable."""
    with pytest.raises(InvalidInput, match="MJFLOW_BASE_URL has no scheme"):
        load(environ=ENVIRON | {"MJFLOW_BASE_URL": "mj.example.com"})


@pytest.mark.parametrize("given", [None, "", "  ", "Bearer "])
def test_missing_key(given: str | None) -> None:
    """Without a key nothing works at a server elsewhere, and the error says where to put it."""
    with pytest.raises(MissingKey, match="MJFLOW_API_KEY"):
        load(api_key=given, environ={})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_own_machine_needs_no_key(host: str) -> None:
    """A server on this machine may run without a key."""
    assert load(base_url=f"http://{host}:8080", environ={}).api_key == Secret("")


@pytest.mark.parametrize(
    "given", [f" {KEY}\n", f"Bearer {KEY}", f"bearer  {KEY}", f"Bearer {KEY} \r\n"]
)
def test_key_is_cleaned(given: str) -> None:
    """Blanks around a key and a pasted `Bearer` are cut off."""
    assert load(environ={"MJFLOW_API_KEY": given}).api_key.reveal() == KEY


@pytest.mark.parametrize(
    "given", ["sk-01 23", "sk-01\n23", "sk-01\t23", "sk-01…23", "sk-ключ", "sk-\x00"]
)
def test_key_that_cannot_be_one(given: str) -> None:
    """A key with blanks or foreign characters inside is refused without being repeated."""
    with pytest.raises(InvalidInput, match=r"^MJFLOW_API_KEY has .*Copy the key again") as caught:
        load(environ={"MJFLOW_API_KEY": given})
    assert given not in str(caught.value)


@given(st.text(min_size=4))
def test_secret_shows_itself_to_nobody(text: str) -> None:
    """No way of printing a secret, or the settings around it, shows it."""
    secret = Secret(text)
    settings = Settings(base_url="https://api.example.com", api_key=secret)
    masked = {"***", "Secret('***')"}
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r:}", "%s" % secret} <= masked  # noqa: UP031
    assert repr(settings).count("***") == 1
    assert secret.reveal() == text


def test_secret_is_a_value() -> None:
    """Secrets compare, copy and pickle by what they hold; an empty one is false."""
    assert (bool(Secret("")), bool(Secret("x")), str(Secret(""))) == (False, True, "")
    assert Secret("x") != Secret("y")
    assert copy.deepcopy(Secret("x")) == pickle.loads(pickle.dumps(Secret("x"))) == Secret("x")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("MJFLOW_POLL_INTERVAL", "soon", "MJFLOW_POLL_INTERVAL is 'soon', which is no number"),
        ("MJFLOW_POLL_INTERVAL", "0", "must be more than 0 seconds"),
        ("MJFLOW_POLL_INTERVAL", "-1", "must be more than 0 seconds"),
        ("MJFLOW_POLL_INTERVAL", "nan", "must be more than 0 seconds"),
        ("MJFLOW_POLL_INTERVAL", "inf", "must be more than 0 seconds"),
        ("MJFLOW_MODE", "warp", "MJFLOW_MODE is 'warp'; the modes are: relax, fast, turbo"),
        ("MJFLOW_LOG", "loud", "MJFLOW_LOG is 'loud'; the levels are: debug, info"),
        ("MJFLOW_DIALECT", "trueal", "there is no dialect 'trueal'"),
    ],
)
def test_bad_variable_is_named(variable: str, value: str, words: str) -> None:
    """What cannot be read is refused, by the variable's name and with what is possible."""
    with pytest.raises(InvalidInput) as caught:
        load(environ=ENVIRON | {variable: value})
    assert words in str(caught.value)


@pytest.mark.parametrize("value", ["x", [], {}])
def test_bad_argument_is_named(value: Any) -> None:
    """An argument of another type is refused like any other."""
    with pytest.raises(InvalidInput, match=r"^poll_interval is "):
        load(api_key=KEY, poll_interval=value, environ={})


@pytest.fixture
def fresh_warnings() -> Iterator[None]:
    """Forget which hosts were warned of."""
    config._warn_of_plain_http.cache_clear()
    yield
    config._warn_of_plain_http.cache_clear()


@pytest.mark.usefixtures("fresh_warnings")
def test_key_over_plain_http_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """A key that travels unencrypted is worth one line for each host, without the key."""
    for url in ("http://mj.example.com", "http://mj.example.com/mj", "http://10.0.0.7:8080"):
        load(base_url=url, api_key=KEY, environ={})
    hosts = [message.split()[5] for message in caplog.messages]
    assert hosts == ["mj.example.com:", "10.0.0.7:8080:"]
    assert KEY not in caplog.text


@pytest.mark.usefixtures("fresh_warnings")
@pytest.mark.parametrize("url", ["https://mj.example.com", "http://localhost:1", "http://[::1]"])
def test_encrypted_or_local_is_not_warned_of(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither https nor this machine needs a warning."""
    load(base_url=url, api_key=KEY, environ={})
    assert caplog.messages == []


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Return the logger `mjflow`, and put it right afterwards."""
    logger = logging.getLogger("mjflow")
    before = logger.level, logger.handlers[:], logger.propagate
    yield logger
    logger.level, logger.handlers[:], logger.propagate = before


def _isolate(logger: logging.Logger, *handlers: logging.Handler) -> None:
    """Leave the logger these handlers only; pytest adds its own until the test runs."""
    logger.propagate = False
    logger.handlers[:] = handlers


def test_log_level_is_set(logger: logging.Logger) -> None:
    """The level goes to the logger `mjflow`, and its lines become visible."""
    _isolate(logger)
    configure_logging(logging.INFO)
    configure_logging(logging.DEBUG)
    assert (logger.level, len(logger.handlers)) == (logging.DEBUG, 1)


def test_own_handlers_are_respected(logger: logging.Logger) -> None:
    """A program that handles the lines itself gets no second handler."""
    mine = logging.NullHandler()
    _isolate(logger, mine)
    configure_logging(logging.INFO)
    assert logger.handlers == [mine]


def test_logging_is_left_alone(logger: logging.Logger) -> None:
    """Without a level nothing is touched."""
    _isolate(logger)
    before = logger.level
    configure_logging(None)
    assert (logger.level, logger.handlers) == (before, [])


async def test_the_word_memory_makes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client without a journal in a file leaves none of that name."""
    monkeypatch.chdir(tmp_path)
    for journal in ("memory", None):
        monkeypatch.setenv("MJFLOW_JOURNAL", "memory")
        async with Client("http://localhost:1", "key", journal=journal):
            pass
    assert list(tmp_path.iterdir()) == []
