"""Commands as processes of their own: the README's way, signals, and a disk that fills up."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from attrs import define, field
from PIL import Image

from mjflow.simulator import Simulator
from tests.docs.servers import answering

COMMAND = [sys.executable, "-X", "dev", "-W", "error", "-m", "mjflow"]


@contextmanager
def started(*typed: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command; stop it at the end of the block if it still runs."""
    process = subprocess.Popen(
        [*COMMAND, *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def finished(*typed: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([*COMMAND, *typed], capture_output=True, text=True, **more)


def lines_until(stream: Any, wanted: str) -> list[str]:
    """Read lines up to the first with this text."""
    lines: list[str] = []
    for line in stream:
        lines.append(line.rstrip("\n"))
        if wanted in line:
            return lines
    raise AssertionError(f"{wanted!r} was never said, but: {lines}")


# --- the README's way ---------------------------------------------------------------------


def test_the_first_command_of_a_newcomer(desk: Path) -> None:
    """On the simulator inside, the picture of cell 2 and its JSON are on disk in the end."""
    done = finished("imagine", "a cute cat --v 6.1", "--click", "U2", "--out", "out", "--simulate")
    picture = Path(done.stdout.strip())
    facts = json.loads(Path(f"{picture}.json").read_text())
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        0,
        "The picture of U2 is in out",
    )
    assert (facts["button"], facts["prompt"]) == ("U2", "a cute cat --v 6.1")
    with Image.open(picture) as image:
        assert image.size == (facts["width"], facts["height"])


def test_a_simulator_in_another_process(desk: Path) -> None:
    """`mjflow simulate` says its address first, serves whoever comes, and ends well."""
    with started("simulate", "--speed", "300", "--seed", "7") as server:
        assert server.stdout is not None and server.stderr is not None
        url = server.stdout.readline().strip()
        lines_until(server.stderr, "Ctrl-C stops it.")
        done = finished("imagine", "a cat", "--click", "U2", "--out", "out", "--base-url", url)
        with urlopen(f"{url}/_simulator/ledger") as answer:
            books = json.load(answer)
        server.send_signal(signal.SIGINT)
        last = server.stderr.read()
    assert (done.returncode, Path(done.stdout.strip()).is_file()) == (0, True)
    assert books["charges"] == 2
    assert (server.returncode, last) == (0, "Stopped after 2 charges and 0 refunds.\n")


def test_another_kind_of_server(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`simulate --profile` plays it, says what to set, and the client finds its dialect out."""
    with started("simulate", "--speed", "300", "--profile", "trueai") as server:
        assert server.stdout is not None and server.stderr is not None
        url = server.stdout.readline().strip()
        talk = lines_until(server.stderr, "Ctrl-C stops it.")
        export = next(line for line in talk if "export" in line)
        for word in export.split()[1:]:
            monkeypatch.setenv(*word.split("=", 1))
        done = finished("imagine", "a cat", "--out", "out")
    assert talk[0].startswith("A simulated trueai")
    assert os.environ["MJFLOW_BASE_URL"] == url
    assert (done.returncode, Path(done.stdout.strip()).is_file()) == (0, True)


def test_a_crown_in_one_command(desk: Path) -> None:
    """The chain of the manual, with its mask as a shape, works at another kind of server."""
    chain = ["--click", "U1", "--click", "Vary (Region)", "--prompt", "golden crown"]
    typed = ["imagine", "a portrait --v 6.1", *chain, "--mask", "rect:0.3,0,0.7,0.35"]
    done = finished(*typed, "--simulate", "--profile", "trueai", "--out", "out")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        0,
        "The picture of Vary (Region) is in out",
    )
    assert Path(done.stdout.strip()).is_file()


# --- signals ------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_names_what_still_runs(stop: signal.Signals, desk: Path) -> None:
    """Stopped in the middle, a command says which paid task runs on and how to pick it up."""
    with answering(Simulator(faults=["never-ends"])) as url:
        typed = ["imagine", "a cat", "--click", "U1", "--out", "o", "--base-url", url]
        with started(*typed) as command:
            assert command.stderr is not None
            queued = lines_until(command.stderr, "imagine: queued")[-1]
            command.send_signal(stop)
            said = command.stderr.read().splitlines()
    task_id = queued.partition("(task ")[2].rstrip(")")
    assert (command.returncode, said) == (
        130,
        [
            "Interrupted.",
            f"1 paid task still runs at the server: {task_id}",
            "Not submitted and not paid: U1",
            f"Pick up with: mjflow watch {task_id} --base-url {url} --out o",
        ],
    )


def test_an_interrupt_with_the_simulator_inside(desk: Path) -> None:
    """The tasks of a simulator end with the command, and it says so."""
    with started("imagine", "a cat", "--out", "o", "--simulate") as command:
        assert command.stderr is not None
        lines_until(command.stderr, "imagine: queued")
        command.send_signal(signal.SIGINT)
        said = command.stderr.read().splitlines()
    assert (command.returncode, said[-2:]) == (
        130,
        ["Interrupted.", "The simulator has ended, and its tasks with it; nothing was paid."],
    )


@define
class Slow:
    """A server that takes a submit and answers it when it is told to."""

    url: str = ""
    result: object = "4711"
    arrived: threading.Event = field(factory=threading.Event)
    answer: threading.Event = field(factory=threading.Event)


@pytest.fixture
def slow() -> Iterator[Slow]:
    """Give such a server."""
    slow = Slow()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            denial = b'{"description":"task_no_found ","type":"upstream_error","code":4}'
            self.send_response(400)
            self.send_header("Content-Length", str(len(denial)))
            self.end_headers()
            self.wfile.write(denial)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            slow.arrived.set()
            slow.answer.wait()
            with suppress(ConnectionError):  # whoever asked has left
                self._accept()

        def _accept(self) -> None:
            told = {"code": 1, "description": "Submit success", "result": slow.result}
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    slow.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield slow
    finally:
        slow.answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_on_the_wire_is_waited_for(slow: Slow, desk: Path) -> None:
    """An interrupt during a submit waits for its answer, and names the task it started."""
    with started("imagine", "a cat", "--base-url", slow.url) as command:
        assert command.stderr is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answer to what was just sent")
        slow.answer.set()
        said = command.stderr.read().splitlines()
    assert command.returncode == 130
    assert "1 paid task still runs at the server: 4711" in said
    assert said[-1] == (f"Pick up with: mjflow watch 4711 --base-url {slow.url} --out mjflow-out")


def test_a_second_interrupt_leaves_now(slow: Slow, desk: Path) -> None:
    """Interrupted again, a command leaves at once, and says that the submit is in doubt."""
    with started("imagine", "a cat", "--base-url", slow.url) as command:
        assert command.stderr is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answer to what was just sent")
        command.send_signal(signal.SIGINT)
        said = command.stderr.read()
    assert command.returncode == 130
    assert "error: the submit was sent, and nothing says whether a task runs: interrupted" in said
    assert "Traceback" not in said


def test_an_upload_on_the_wire_is_waited_for(slow: Slow, desk: Path) -> None:
    """An interrupt during an upload waits for its links, for they are paid, and prints them."""
    slow.result = ["https://cdn.example.com/a.png"]
    Image.new("RGB", (60, 40)).save(desk / "a.png")
    with started("upload", "a.png", "--base-url", slow.url) as command:
        assert command.stderr is not None and command.stdout is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answer to what was just sent")
        slow.answer.set()
        said, links = command.stderr.read().splitlines(), command.stdout.read()
    assert (command.returncode, links) == (130, "https://cdn.example.com/a.png\n")
    assert said == ["Interrupted.", "Nothing goes on at the server."]


def test_an_upload_that_is_left_is_in_doubt(slow: Slow, desk: Path) -> None:
    """Interrupted twice, an upload is left, and whether it was paid stays open."""
    Image.new("RGB", (60, 40)).save(desk / "a.png")
    with started("upload", "a.png", "--base-url", slow.url) as command:
        assert command.stderr is not None
        slow.arrived.wait()
        command.send_signal(signal.SIGINT)
        lines_until(command.stderr, "waiting for the answer to what was just sent")
        command.send_signal(signal.SIGINT)
        said = command.stderr.read().splitlines()
    assert (command.returncode, said[-1]) == (130, "Interrupted.")
    assert said[0].startswith("error: the upload of a picture was sent, and nothing says ")


# --- disks and pipes ----------------------------------------------------------------------


def _limited(size: int) -> Callable[[], None]:
    """Return what keeps a process from writing files of more bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_disk_that_takes_nothing_is_found_before_paying(desk: Path, simulator: Simulator) -> None:
    """A folder that does not take a picture is told of before anything is charged."""
    before = len(simulator.ledger.submits)
    typed = ["imagine", "a cat", "--out", "o", "--base-url", simulator.base_url]
    done = finished(*typed, preexec_fn=_limited(10_000))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: can't write to 'o': File too large\n")
    assert len(simulator.ledger.submits) == before


def test_a_disk_that_fills_up_loses_nothing(desk: Path, simulator: Simulator) -> None:
    """A picture that finds no room is still at the server, and the way to fetch it is said."""
    typed = ["imagine", "a cat", "--out", "o", "--base-url", simulator.base_url]
    done = finished(*typed, preexec_fn=_limited(70_000))
    said = done.stderr.splitlines()
    assert (done.returncode, done.stdout, list(Path("o").iterdir())) == (1, "", [])
    assert "error: can't write to 'o': File too large" in said
    again = said[-1].removeprefix("Pick up with: mjflow ").split()
    assert finished(*again).returncode == 0
    assert [path.suffix for path in sorted(Path("o").iterdir())] == [".png", ".json"]


def test_a_reader_who_goes_away_stops_nothing(desk: Path, simulator: Simulator) -> None:
    """With `| head -1` behind it, a command still saves its picture."""
    typed = ["imagine", "a cat", "--json", "--out", "o", "--base-url", simulator.base_url]
    with started(*typed) as command:
        assert command.stdout is not None
        command.stdout.readline()
        command.stdout.close()
        command.wait()
    assert (command.returncode, len(list(Path("o").glob("*.png")))) == (0, 1)


def test_warnings_of_the_library_are_said_in_the_commands_voice(desk: Path) -> None:
    """A key that travels unencrypted is a warning; the key itself is never shown."""
    (desk / "file").touch()
    typed = ["imagine", "a cat", "--out", "file", "--base-url", "http://nowhere.invalid"]
    done = finished(*typed, env=os.environ | {"MJFLOW_API_KEY": "sk-secret"})
    assert done.stderr.splitlines()[:2] == [
        "warning: the key travels unencrypted to nowhere.invalid: "
        "use https:// if the server has it",
        "error: can't write to 'file': there is a file where the folder should be",
    ]
    assert "sk-secret" not in done.stderr


def test_on_a_terminal_progress_is_drawn(desk: Path, simulator: Simulator) -> None:
    """A command whose standard error is a terminal draws its acts there, and ends with a line."""
    ours, theirs = os.openpty()
    typed = ["imagine", "a cat", "--out", "o", "--base-url", simulator.base_url]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        [*COMMAND, *typed], stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as command:
        os.close(theirs)
        drawn = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert command.returncode == 0
    assert "✓" in drawn
    assert drawn.splitlines()[-1].endswith("The picture is in o")


def _read(screen: int) -> bytes:
    """Read on; a terminal that everybody has left is at its end."""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""
