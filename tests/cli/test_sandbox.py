"""The simulator inside a command: which kind, and what goes wrong in it."""

from __future__ import annotations

from typing import get_args

import pytest

from mjflow.cli import sandbox
from mjflow.cli.simulator_options import ProfileName
from mjflow.simulator import BUILDS, CATALOGUE, PROFILES
from tests.cli.conftest import Mjflow

ACTS = [
    ["imagine", "x"],
    ["blend", "a.png", "b.png"],
    ["describe", "a.png"],
    ["shorten", "x"],
    ["video", "x"],
    ["edits", "a.png", "x"],
    ["swap-face", "a.png", "b.png"],
    ["upload", "a.png"],
]


def test_the_profiles_are_those_of_the_simulator() -> None:
    """What the help offers is what there is."""
    assert list(get_args(ProfileName)) == [*PROFILES, *BUILDS]


@pytest.mark.parametrize(
    ("option", "error"),
    [
        (["--profile", "trueai"], "error: --profile is about the simulator: add --simulate"),
        (["--fault", "lost-reply"], "error: --fault is about the simulator: add --simulate"),
    ],
)
def test_without_a_simulator_its_settings_are_refused(
    served: Mjflow, option: list[str], error: str
) -> None:
    """One clear line, before anything is sent."""
    done = served("imagine", "x", *option)
    assert (done.code, done.out, done.said) == (2, "", [error])


@pytest.mark.parametrize(
    ("fault", "error", "advice"),
    [
        (
            "lost-repl",
            "there is no fault 'lost-repl'",
            "Did you mean lost-reply or cut-reply?",
        ),
        (
            "qwertz",
            "there is no fault 'qwertz'",
            f"There are: {', '.join(CATALOGUE)}.",
        ),
        *(
            (
                f"lost-reply{rest}",
                f"--fault lost-reply{rest} cannot be read",
                "Write lost-reply=0.5 for a chance from 0 to 1, lost-reply=0.5:3 for three times "
                "at most; lost-reply@WHERE leaves it to one of: submits, clicks, answers.",
            )
            for rest in ("=often", "=2", "=-1", "=1:x", "@nowhere", "@hooks")
        ),
    ],
)
@pytest.mark.parametrize("typed", [["imagine", "x", "--simulate"], ["simulate"]])
def test_faults_that_cannot_be(
    mjflow: Mjflow, typed: list[str], fault: str, error: str, advice: str
) -> None:
    """A misspelt fault names what comes near, a wrong number how it is written."""
    done = mjflow(*typed, "--fault", fault)
    assert (done.code, done.out, done.said) == (2, "", [f"error: {error}", f"  {advice}"])


def test_a_fault_that_never_strikes_a_kind_of_server(mjflow: Mjflow) -> None:
    """A fault that would do nothing is refused: it would prove nothing."""
    typed = ["--simulate", "--profile", "trueai", "--fault", "insert-failed"]
    done = mjflow("imagine", "x", *typed)
    assert (done.code, done.said) == (
        2,
        ["error: --fault insert-failed never strikes a trueai server, only gateway"],
    )


@pytest.mark.parametrize(("profile", "code"), [("gateway", 3), ("trueai", 0), ("novicezk", 0)])
def test_a_lost_reply(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch, profile: str, code: int
) -> None:
    """Where the server can be searched the task is found; at a gateway it stays in doubt."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    typed = ["--simulate=books", "--profile", profile, "--fault", "lost-reply=1:1"]
    done = mjflow("imagine", "a cat", *typed, "--out", "o")
    assert (done.code, len(done.out.splitlines())) == (code, 0 if code else 1)


def test_doubt_names_the_token_and_what_to_do(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to look for is said in full, for it is all that there is."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    done = mjflow("imagine", "a cat", "--simulate", "--fault", "lost-reply", "--out", "o")
    token = done.said[1].rpartition("(token ")[2].rstrip(")")
    assert done.said[2] == (
        "  It was not sent again, lest it be paid twice. Look among your tasks at the provider "
        f"for one whose state begins with mj1.{token}: `mjflow watch ID --out DIR` picks it up. "
        "`mjflow doubts` says what to do if there is none."
    )


def test_the_environment_speaks_of_another_server(
    mjflow: Mjflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dialect and an address that are set for a real server do not disturb a simulated one."""
    monkeypatch.setattr(sandbox, "SPEED", 600.0)
    monkeypatch.setenv("MJFLOW_DIALECT", "novicezk")
    monkeypatch.setenv("MJFLOW_BASE_URL", "http://127.0.0.1:9")
    typed = ["imagine", "a cat", "--click", "U1", "--click", "Vary (Strong)", "--out", "o"]
    assert mjflow(*typed, "--simulate", "--profile", "trueai").code == 0
