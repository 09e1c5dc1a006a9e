"""The JSON beside a picture."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.media.kinds import PNG
from mjflow.media.sidecar import Ancestor, render, sidecar
from mjflow.media.whole import Whole
from mjflow.protocol.status import Status
from mjflow.protocol.task import Task, TaskDetails

AT = datetime(2025, 6, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def tell(task: Task, **changes: Any) -> dict[str, object]:
    """Tell of a picture, with what a test does not care about filled in."""
    told: dict[str, Any] = {
        "lineage": (),
        "button": None,
        "mode": None,
        "file": "1.png",
        "whole": Whole(PNG, 10, 2, 3),
        "sha256": "00",
        "saved_at": AT,
        "url": "https://cdn.example/1.png",
        "version": "0.1.0",
    }
    return sidecar(task, **(told | changes))


def test_everything_about_a_picture_is_told_in_order() -> None:
    """The whole content, prompt first, in the order of the keys."""
    task = Task(
        id="1713",
        status=Status.SUCCESS,
        action="INPAINT",
        prompt="a golden crown",
        final_prompt="a golden crown --v 6.1",
        seed="42",
        submitted_at=AT,
        started_at=AT + timedelta(seconds=2),
        finished_at=AT + timedelta(seconds=60),
    )
    content = tell(
        task,
        lineage=[Ancestor("1711", "IMAGINE"), Ancestor("1712", "UPSCALE", "U1")],
        button="Vary (Region)",
        mode="fast",
        file="Vary (Region)-1713.png",
        whole=Whole(PNG, 123_456, 1024, 768),
        sha256="ab" * 32,
        saved_at=AT + timedelta(seconds=61),
        url="https://user:secret@cdn.example:8443/a/1713.png?ex=1&is=2#top",
    )

    assert list(content.items()) == [
        ("prompt", "a golden crown"),
        ("final_prompt", "a golden crown --v 6.1"),
        ("task_id", "1713"),
        ("action", "INPAINT"),
        ("button", "Vary (Region)"),
        (
            "parents",
            [
                {"id": "1711", "action": "IMAGINE", "button": None},
                {"id": "1712", "action": "UPSCALE", "button": "U1"},
            ],
        ),
        ("seed", 42),
        ("mode", "fast"),
        ("submitted_at", "2025-06-01T12:30:15.250+00:00"),
        ("started_at", "2025-06-01T12:30:17.250+00:00"),
        ("finished_at", "2025-06-01T12:31:15.250+00:00"),
        ("saved_at", "2025-06-01T12:31:16.250+00:00"),
        ("file", "Vary (Region)-1713.png"),
        ("media_type", "image/png"),
        ("size", 123_456),
        ("width", 1024),
        ("height", 768),
        ("sha256", "ab" * 32),
        ("url", "https://cdn.example:8443/a/1713.png"),
        ("mjflow", "0.1.0"),
    ]


def test_what_the_server_does_not_tell_is_null() -> None:
    """Missing times, seed and mode are null, not invented."""
    content = tell(Task(id="1"))

    missing = ("seed", "mode", "submitted_at", "started_at", "finished_at", "button")
    assert {content[key] for key in missing} == {None}


@pytest.mark.parametrize(
    ("task", "seed"),
    [
        (Task(id="1", seed="7", prompt="a --seed 8"), 7),
        (Task(id="1", seed="not a number"), "not a number"),
        (Task(id="1", prompt="a cat --seed 123 --v 6.1"), 123),
        (Task(id="1", prompt="a cat —seed 123"), 123),
        (Task(id="1", prompt="a cat --SEED  0"), 0),
        (Task(id="1", prompt="--seed 1 --seed 2"), 2),
        (Task(id="1", prompt="--seed 1", final_prompt="a cat --seed 3"), 3),
        (Task(id="1", prompt="--seed 1", prompt_en="a cat --seed 4", final_prompt="a cat"), 4),
        (Task(id="1", prompt="a poppy seed 12"), None),
        (Task(id="1", prompt="x--seed 12 --seeds 3 --seed x --seed 12a"), None),
        (Task(id="1", prompt="--seed " + "9" * 5000), None),
    ],
)
def test_the_seed_is_the_servers_or_the_prompts(task: Task, seed: object) -> None:
    """What the server tells goes first, then the text that Midjourney reports."""
    assert tell(task)["seed"] == seed


def test_the_mode_is_ours_or_the_servers() -> None:
    """Where we do not know the mode, a server that tells it does."""
    task = Task(id="1", details=TaskDetails(mode="RELAX"))

    assert (tell(task)["mode"], tell(task, mode="turbo")["mode"]) == ("relax", "turbo")


def test_instants_are_told_in_utc() -> None:
    """A saving machine's own time zone does not show."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=8)))

    assert tell(Task(id="1"), saved_at=elsewhere)["saved_at"] == "2025-06-01T12:30:15.250+00:00"


def test_a_link_that_is_junk_spoils_nothing() -> None:
    """The picture is saved by then, so a link that can't be read is left out."""
    assert tell(Task(id="1"), url="http://[half")["url"] == ""


def test_rendering_is_for_people() -> None:
    """Indented, not escaped, ending with a newline, keys as given."""
    assert render({"prompt": "一只猫 — ü", "a": [1]}) == (
        '{\n  "prompt": "一只猫 — ü",\n  "a": [\n    1\n  ]\n}\n'.encode()
    )


@given(prompt=st.text(st.characters(exclude_categories=())))
def test_any_prompt_survives_rendering(prompt: str) -> None:
    """Half characters and control characters too come back as they were."""
    content = tell(Task(id="1", prompt=prompt))

    assert json.loads(render(content)) == content
