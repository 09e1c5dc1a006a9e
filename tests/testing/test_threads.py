"""A simulator in a thread of its own."""

from __future__ import annotations

import threading
import urllib.request

import pytest

from mjflow.testing import Simulator
from mjflow.testing.threads import in_a_thread


def test_it_answers_while_the_block_runs() -> None:
    """Blocking programs are served, and the thread has ended afterwards."""
    simulator = Simulator()
    with in_a_thread(simulator) as ask:
        with urllib.request.urlopen(f"{simulator.base_url}/_simulator/ledger") as answer:
            assert answer.status == 200
        assert ask(threading.current_thread).name == "mjflow-simulator"
    assert "mjflow-simulator" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{simulator.base_url}/_simulator/ledger")


def test_what_it_is_asked_for_may_fail() -> None:
    """The error comes back to whoever asked, and the server lives on."""
    with in_a_thread(Simulator()) as ask:
        with pytest.raises(ValueError, match="no simulator"):
            ask(lambda: int("no simulator"))
        assert ask(lambda: 1) == 1
