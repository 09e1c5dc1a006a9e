"""Bad input: one clear error, the right exit code, no traceback, nothing paid in vain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mjflow.cli import run
from mjflow.simulator import Simulator
from tests.cli.conftest import Mjflow

#: An address at which nobody listens.
NOBODY = "http://127.0.0.1:9"
PAGE = b"<html><title>Some shop</title></html>"
TORN = b'{"id": "7", "stat'


@contextmanager
def answering_with(kind: str, body: bytes, length: int) -> Iterator[str]:
    """Serve one answer to everything, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("typed", "error", "advice", "code"),
    [
        ([""], "the prompt is empty", "Say what is to be drawn; nothing was sent.", 2),
        ([" \n"], "the prompt is empty", "Say what is to be drawn; nothing was sent.", 2),
        (
            ["a cat", "--click", "vary regoin"],
            "no button is called 'vary regoin'",
            "Did you mean 'vary_region'? ",
            2,
        ),
        (
            ["a cat", "--click", "Vary (Region)"],
            "'Vary (Region)' is a button of a single picture, "
            "and here it would be pressed on a grid of four",
            "Click U1, U2, U3 or U4 first.",
            2,
        ),
        (
            ["a cat", "--click", "U1", "--click", "Vary (Region)"],
            "'Vary (Region)' needs a mask",
            "Give it with --mask: a shape such as rect:0.3,0,0.7,0.35",
            2,
        ),
        (
            ["a cat", "--click", "U1", "--click", "Vary (Region)", "--mask", "text.txt"],
            "the mask 'text.txt' can't be used: ",
            "Give a PNG ",
            2,
        ),
        (
            ["a cat", "--click", "U1", "--click", "Vary (Region)", "--mask", "gone.png"],
            "the mask 'gone.png' can't be read: No such file or directory",
            "A mask is the path of a picture, or rect:LEFT,TOP,",
            2,
        ),
        (
            ["a cat", "--click", "U1", "--prompt", "a dog"],
            "--prompt is given, and no button here opens a dialog",
            "Vary (Region), Custom Zoom and the numbers of a describe or a shorten always do; ",
            2,
        ),
        (
            ["a cat", "--click", "V1", "--prompt", " "],
            "the prompt is empty",
            "Say what is to be drawn; nothing was sent.",
            2,
        ),
        (
            ["a cat", "--out", "text.txt/out"],
            "can't write to 'text.txt/out': there is a file where the folder should be",
            "Choose another folder (--out) or make room; ",
            1,
        ),
        (["a cat", "--name", "{nope}"], "there is no field 'nope' ", "The fields here: ", 2),
        (["a cat", "--deadline", "0"], "--deadline is 0; it must be more than 0 seconds", "", 2),
    ],
)
def test_what_is_refused_before_anything_is_sent(
    served: Mjflow,
    simulator: Simulator,
    desk: Path,
    typed: list[str],
    error: str,
    advice: str,
    code: int,
) -> None:
    """What cannot work is told before the first request: nothing is charged."""
    (desk / "text.txt").write_text("this is no picture")
    before = len(simulator.ledger.submits)
    done = served("imagine", *typed)
    assert (done.code, done.out) == (code, "")
    starts = [f"error: {error}", *([f"  {advice}"] if advice else [])]
    assert [line[: len(start)] for line, start in zip(done.said, starts, strict=True)] == starts
    assert len(simulator.ledger.submits) == before


def test_a_missing_key(mjflow: Mjflow) -> None:
    """Without a key for a server elsewhere, the variable that wants it is named."""
    done = mjflow("imagine", "a cat")
    assert (done.code, done.said[0]) == (2, "error: there is no API key")
    assert "MJFLOW_API_KEY" in done.said[1]


@pytest.mark.parametrize("verb", [["imagine"], ["watch"]])
def test_an_unreachable_host(mjflow: Mjflow, verb: list[str]) -> None:
    """A server at which nobody listens ends every command, soon and with its own exit code."""
    done = mjflow(*verb, "U1", "--base-url", NOBODY)
    assert (done.code, done.said[-2:]) == (
        4,
        [
            "error: cannot connect to 127.0.0.1:9: Connection refused",
            "  Check the base URL (MJFLOW_BASE_URL or --base-url) and your network; "
            "nothing was paid.",
        ],
    )


@pytest.mark.parametrize(
    "verb", [["imagine"], ["show"], ["watch"], ["click", "7"], ["seed"], ["cancel"], ["split"]]
)
def test_a_base_url_that_is_some_web_page(mjflow: Mjflow, verb: list[str]) -> None:
    """A page for people in place of the API is told as what it is."""
    with answering_with("text/html", PAGE, len(PAGE)) as url:
        done = mjflow(*verb, "U1", "--base-url", url)
    assert (done.code, done.said) == (
        4,
        [
            "error: the server answered with a web page instead of JSON",
            "  Check the base URL (MJFLOW_BASE_URL or --base-url): it should end before '/mj'.",
        ],
    )


def test_a_look_whose_body_is_cut_short(mjflow: Mjflow) -> None:
    """Half an answer to a look is told, and costs nothing."""
    with answering_with("application/json", TORN, len(TORN)) as url:
        done = mjflow("show", "7", "--base-url", url, "--dialect", "gateway")
    assert (done.code, done.said[0]) == (
        4,
        'error: the server\'s answer is not JSON, or is cut short: {"id": "7", "stat',
    )


def test_a_submit_whose_answer_is_cut_short(mjflow: Mjflow) -> None:
    """Half an answer to a submit is doubt, and has the exit code of doubt."""
    with answering_with("application/json", TORN, 200) as url:
        known = ["--base-url", url, "--dialect", "gateway"]
        done = mjflow("imagine", "a cat", "--click", "U1", *known)
    assert (done.code, done.out, done.said[-1]) == (3, "", "Not submitted and not paid: U1")
    assert done.said[1].startswith("error: the submit was sent, and nothing says whether ")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (["imagine", "a cat", "--base-url", "shop"], "error: base_url has no scheme: 'shop'"),
        (
            ["imagine", "a cat", "--simulate", "--base-url", NOBODY],
            "error: --simulate and --base-url exclude each other",
        ),
        (["simulate", "--fault", "nope"], "error: there is no fault 'nope'"),
        (["simulate", "--fault", "fails=often"], "error: --fault fails=often cannot be read"),
        (["simulate", "--speed", "0"], "error: speed must be above 0, not 0.0"),
        (["simulate", "--port", "70000"], "error: --port is 70000; it must be from 0 to 65535"),
    ],
)
def test_other_arguments_that_cannot_be(mjflow: Mjflow, typed: list[str], error: str) -> None:
    """A setting out of range is bad input."""
    done = mjflow(*typed)
    assert (done.code, done.out) == (2, "")
    assert done.said[0].startswith(error)


def test_a_log_level_that_does_not_exist(mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong word in the environment is named with its variable."""
    monkeypatch.setenv("MJFLOW_LOG", "loud")
    done = mjflow("imagine", "a cat", "--simulate")
    assert (done.code, done.said) == (
        2,
        ["error: MJFLOW_LOG is 'loud'; the levels are: debug, info, warning, error"],
    )


def test_a_port_that_is_taken(mjflow: Mjflow, simulator: Simulator) -> None:
    """A second server on one port is refused with what to do."""
    port = simulator.base_url.rpartition(":")[2]
    done = mjflow("simulate", "--port", port)
    assert (done.code, done.out, done.said[1]) == (
        1,
        "",
        "  Choose another --port, or leave it out to take a free one.",
    )
    assert done.said[0].startswith(f"error: can't listen at {simulator.base_url}: ")


def test_a_bug_is_owned_up_to(mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody thought of is called a bug, in two lines and without a traceback."""

    def broken(**_: object) -> None:
        raise ExceptionGroup("bugs", [ZeroDivisionError("division by zero")])

    monkeypatch.setattr(run, "_report", broken)
    done = mjflow("show", "7")
    assert (done.code, done.said) == (
        1,
        [
            "error: this is a bug in mjflow: ZeroDivisionError: division by zero",
            "  Please report it, with the traceback that MJFLOW_LOG=debug shows.",
        ],
    )
