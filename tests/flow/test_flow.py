"""YAML, JSON and Python say the same; what is read can be written and read again."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

import mjflow
from mjflow import Flow, Mask
from mjflow.flow import Choose, Click, Describe, Fork, Imagine, Resubmit
from mjflow.flow.steps import Place
from mjflow.protocol.requests import Mode

from .portraits import PORTRAITS, STEPS


def best(candidate: Any) -> float:
    return len(candidate.picture)


def test_json_is_read_as_yaml_is() -> None:
    """A text that begins as JSON does is JSON."""
    plain = yaml.safe_load(PORTRAITS)
    assert Flow.parse(json.dumps(plain, indent="\t")) == Flow.parse(PORTRAITS)


def test_python_is_read_as_yaml_is() -> None:
    """Mappings, words and steps' objects can be mixed."""
    given: list[Any] = [
        STEPS[0],
        {"click": ["U1", "U3"]},
        {"click": "Vary (Region)", "prompt": "a golden crown", "mask": "rect:0.3,0.0,0.7,0.35"},
        *STEPS[3:],
    ]
    flow = Flow(given, name="portraits", mode=Mode.FAST, matrix={"animal": ("cat", "dog")})
    assert flow == Flow.parse(PORTRAITS)


def test_python_may_give_masks_callables_paths_and_flags() -> None:
    """What no file can hold."""
    mask = Mask.rect(0, 0, 1, 0.5)
    flow = Flow(
        [
            {"describe": Path("a.png")},
            {"click": ["1", "2"], "mask": mask, "enable_remix": True},
            {"choose": best, "best": 1},
            {"fork": {"a": [Click(buttons=("U1",), resubmit=Resubmit(times=1))]}},
        ]
    )
    assert flow.steps == (
        Describe(image="a.png"),
        Click(buttons=("1", "2"), mask=mask, enable_remix=True),
        Choose(scorer=best),
        Fork(tails={"a": (Click(buttons=("U1",), resubmit=Resubmit(times=1)),)}),
    )


ALL = """\
name: all
mode: relax
vars: {style: oil, none: ""}
matrix:
  animal: [cat, dog]
  size: ["1", "2"]
  include: [{animal: cat, style: ink}]
  exclude: [{animal: dog, size: 2}]
steps:
  - blend: [a.png, "{animal}.png", c.png]
    id: root
    dimensions: square
    extra: {a: [1, "1", true, {b: null}]}
  - click: [U1, U2]
    resubmit: {times: 2, on: [timeout, unknown]}
  - choose: best
  - click: Vary (Region)
    prompt: "{style}"
    mask: {ellipse: [0.5, 0.5, 0.1, 0.1], feather: 0.1}
    when: {has_button: Vary (Region), action: UPSCALE, param: {size: 1}}
    on_error: run
    mode: turbo
  - change: V2
  - swap_face: {source: current, target: t.png}
    id: swapped
  - fork:
      cut: [split: "{cell}"]
      film: [video: "", fork: {}]
"""


def test_the_plain_form_is_the_same_flow() -> None:
    """Through JSON and back."""
    flow = Flow.parse(ALL.replace(", fork: {}", "").replace('video: ""', "video: {image: current}"))
    again = Flow.parse(json.dumps(flow.as_json()))
    assert again == flow
    assert again.as_json() == flow.as_json()


def test_the_plain_form_is_short() -> None:
    """Nothing that is as ever is written."""
    assert Flow.parse(PORTRAITS).as_json() == {
        "name": "portraits",
        "mode": "fast",
        "matrix": {"animal": ["cat", "dog"]},
        "steps": [
            {"imagine": "a {animal} in the rain --v 6.1"},
            {"click": ["U1", "U3"]},
            {
                "click": "Vary (Region)",
                "prompt": "a golden crown",
                "mask": "rect:0.3,0.0,0.7,0.35",
            },
            {"click": "U1"},
            {"click": "Upscale (Subtle)"},
            {"download": "{animal}/{button}-{id}"},
        ],
    }


@pytest.mark.parametrize(
    "mask",
    [
        Mask.rect(0, 0, 1, 0.5),
        ~(Mask.rect(0, 0, 1, 0.5) | Mask.ellipse(0.5, 0.5, 0.1, 0.1)),
        Mask.polygon([(0, 0), (1, 0), (0.5, 0.25)]).feathered(0.1),
        Mask.file(Mask.rect(0, 0, 1, 0.5).png(16, 16)),
    ],
)
def test_masks_of_python_survive(mask: Mask) -> None:
    """As text, or as pixels."""
    flow = Flow([{"imagine": "x"}, {"click": "Vary (Region)", "mask": mask}])
    again = Flow.parse(json.dumps(flow.as_json())).steps[1]
    assert isinstance(again, Click)
    read = Mask.parse(again.mask) if isinstance(again.mask, str) else again.mask
    assert read == mask


def test_a_mask_that_cannot_be_written_is_refused() -> None:
    """A run could not be resumed with it."""
    mask = ~Mask.rect(0, 0, 1, 0.5) | Mask.ellipse(0.5, 0.5, 0.1, 0.1)
    with pytest.raises(mjflow.FlowInvalid, match="has no written form"):
        Flow([{"imagine": "x"}, {"click": "Vary (Region)", "mask": mask}])


def test_callables_are_written_by_name() -> None:
    """The run is given them again."""
    flow = Flow([{"imagine": "x"}, {"click": ["U1", "U2"]}, {"choose": best}])
    assert flow.as_json()["steps"][2] == {"choose": f"{__name__}:best"}


def test_a_file_is_loaded(tmp_path: Path) -> None:
    """Its stem is the flow's name, and its folder where paths begin."""
    path = tmp_path / "night one.yaml"
    path.write_text("\ufeffsteps:\r\n- imagine: ä\r\n", encoding="utf-8")
    flow = Flow.load(path)
    assert (flow.name, flow.folder, flow.file) == ("night one", tmp_path, str(path))
    assert flow.steps == (Imagine(prompt="ä"),)


def test_a_json_file_is_loaded(tmp_path: Path) -> None:
    """By its ending."""
    path = tmp_path / "a.json"
    path.write_text('\n{ "steps": ["split"] }')
    with pytest.raises(mjflow.FlowInvalid) as caught:
        Flow.load(str(path))
    assert str(caught.value).startswith(f"{path}:2:13: split needs a task")


def test_steps_know_their_places() -> None:
    """And so do their arguments."""
    click = Flow.parse(PORTRAITS).steps[2]
    assert click.place == Place(8, 5)
    assert (click.at("prompt"), click.at("mask"), click.at("mode")) == (
        Place(9, 13),
        Place(10, 11),
        Place(8, 5),
    )


def test_places_survive_a_change_of_variables() -> None:
    """Complaints of later can still be found."""
    flow = Flow.parse("vars: {a: x}\nsteps:\n- imagine: '{a}'\n", file="f.yaml")
    changed = flow.with_vars({"a": "y"})
    assert (changed.vars, changed.file) == ({"a": "y"}, "f.yaml")
    assert (changed.steps[0].place, changed.steps[0].at("prompt")) == (Place(3, 3), Place(3, 12))


def test_flows_can_be_pickled_and_compared() -> None:
    """Places, files and folders do not count."""
    flow = Flow.parse(PORTRAITS, folder="/x")
    assert pickle.loads(pickle.dumps(flow)) == flow
    assert Flow.parse(PORTRAITS.replace("\n\n", "\n").replace("  #", "          #")) == flow
