"""The schema for editors, the reference and the reader of flows say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mjflow import Flow
from mjflow._pages.flows import EXAMPLES, page
from mjflow.errors import FlowInvalid
from mjflow.flow.language.forms import BY_VERB, FORMS, MODAL, ROOTS, Form
from mjflow.flow.language.schema import remarks, schema, text

from ..docs.pages import DOCS, Block, blocks, name_of, read
from .checker import Checker, load
from .portraits import PORTRAITS

CHECKER = Checker(schema())
PAGES = [DOCS / "reference" / "flows.md", DOCS / "howto" / "flows.md"]
SHOWN = [
    pytest.param(block, id=f"{name_of(path)}:{block.line}")
    for path in PAGES
    for block in blocks(read(path))
    if block.language == "yaml"
]
#: What each key can be, where the first text that comes to mind would not do.
SAMPLES: dict[str, Any] = {
    "when": {"has_button": "U1", "action": "UPSCALE", "param": {"x": 1}},
    "on_error": "item",
    "mode": "turbo",
    "resubmit": {"times": 1, "on": ["timeout"]},
    "extra": {"any": [1, {"thing": None}]},
    "dimensions": "square",
    "loop": True,
    "motion": "{motion}",
    "batch_size": 2,
    "mask": [{"rect": [0, 0, 1, 0.5]}, "rect:0,0,0.5,1"],
    "enable_remix": False,
    "buttons": ["U1", "zoom 2"],
    "index": 3,
    "best": 2,
    "tails": {"a": ["download"], "b": [{"click": "U1"}, {"modal": {"prompt": "x"}}]},
    "scorer": "module:function",
    "action": "UPSCALE",
}


def flow_of(step: dict[str, Any], form: Form) -> dict[str, Any]:
    """Put a step behind what it may stand behind."""
    if form.kind in ROOTS:
        return {"steps": [step]}
    return {"steps": [{"imagine": "x"}, {"click": ["U1", "U2"]}, step]}


def is_read(flow: dict[str, Any]) -> bool:
    """Tell whether a flow is read, from JSON as from Python."""
    try:
        return Flow.parse(json.dumps(flow)) == Flow(**flow)
    except FlowInvalid:
        return False


def sample(name: str) -> Any:
    return SAMPLES.get(name, "x")


def arguments(form: Form) -> dict[str, Any]:
    """Give every argument that a step must have."""
    return {name: sample(name) for name, key in form.keys.items() if key.required}


def both_ways(form: Form, name: str) -> list[dict[str, Any]]:
    """Write a step with a key behind its verb, and beside it."""
    given = {**arguments(form), name: sample(name)}
    if form.main == "tails":
        tails = given.pop("tails")
        return [{form.verb: tails, **given}]
    written = [{verb: dict(given)} for verb in (form.verb, *form.also)]
    if form.main in given and not (form.verb in given and form.verb != form.main):
        main = given.pop(form.main)
        written.append({form.verb: main, **given})
    return written


KEYS = [pytest.param(form, name, id=f"{form.verb}-{name}") for form in FORMS for name in form.keys]


@pytest.mark.parametrize(("form", "name"), KEYS)
def test_every_key_is_taken_by_both(form: Form, name: str) -> None:
    """What the reader takes an editor does not underline."""
    if form.kind in ROOTS and name == "when":
        return  # no first step can be skipped; as that of later ones it is tested with them
    for step in both_ways(form, name):
        flow = flow_of(step, form)
        assert (is_read(flow), CHECKER.errors(flow)) == (True, [])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.verb)
def test_no_other_key_is_taken_by_either(form: Form) -> None:
    """What an editor underlines would be refused."""
    every = {name for other in FORMS for name in other.keys} | {"nothing", "place", "spots"}
    for name in every - form.keys.keys():
        for step in both_ways(form, next(iter(arguments(form) or form.keys))):
            flow = flow_of({**step, name: sample(name)}, form)
            assert (is_read(flow), CHECKER.errors(flow) != []) == (False, True), (name, step)


def test_the_schema_knows_every_verb_and_no_other() -> None:
    """Aliases included."""
    definitions = schema()["$defs"]
    shared = {"steps", *(name for name in definitions if name.startswith("_"))}
    assert definitions.keys() - shared == {*(form.verb for form in FORMS), MODAL}
    verbs = {v for form in FORMS for v in definitions[form.verb]["properties"] if v in BY_VERB}
    assert verbs >= BY_VERB.keys()


@pytest.mark.parametrize(
    ("flow", "complaint"),
    [
        ({}, "lacks steps"),
        ({"steps": []}, "too short"),
        ({"steps": ["click"]}, "fits none"),
        ({"steps": [{"imagin": "x"}]}, "fits none"),
        ({"steps": [{"imagine": "x"}], "nam": "x"}, "not allowed"),
        ({"steps": [{"imagine": "x"}], "mode": "fats"}, "none of"),
        ({"steps": [{"imagine": "x"}], "vars": {"id": "x"}}, "not this"),
        ({"steps": [{"imagine": "x"}], "matrix": {"a": []}}, "fits none"),
        ({"steps": [{"imagine": "x", "mask": "x"}]}, "fits none"),
        ({"steps": [{"imagine": "x"}, {"fork": {}}]}, "fits none"),
    ],
)
def test_both_refuse_what_is_wrong(flow: dict[str, Any], complaint: str) -> None:
    """At the top and below."""
    assert not is_read(flow) if "steps" in flow else True
    assert any(complaint in error for error in CHECKER.errors(flow))


def test_the_flow_of_the_design_fits() -> None:
    """As an editor reads it, numbers and all."""
    assert CHECKER.errors(load(PORTRAITS)) == []


@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.yaml")), ids=name_of)
def test_the_examples_fit(path: Path) -> None:
    """All of them are flows, for the reader as for the editor."""
    assert Flow.load(path).name == path.stem
    assert CHECKER.errors(load(read(path))) == []


@pytest.mark.parametrize("block", SHOWN)
def test_what_the_pages_show_is_read(block: Block) -> None:
    """Steps alone are put behind what they may stand behind."""
    whole = block.text if "steps:" in block.text else f"steps:\n{_begun(block.text)}"
    assert Flow.parse(whole).steps
    assert CHECKER.errors(load(whole)) == []


def _begun(steps: str) -> str:
    verb = next(iter(load(steps)[0]))
    is_root = BY_VERB[verb].kind in ROOTS and "current" not in steps
    return steps if is_root else f"- imagine: x\n- click: U1\n{steps}"


def test_every_verb_has_an_example() -> None:
    """In the order of the reference."""
    assert list(EXAMPLES) == [form.verb for form in FORMS]


def test_every_key_is_described() -> None:
    """In the class, from where schema and reference have it."""
    lacking = {
        f"{form.verb}.{name}" for form in FORMS for name in form.keys.keys() - remarks(form.kind)
    }
    assert lacking == set()


def test_the_reference_names_every_key() -> None:
    """Nothing that the reader takes is left out."""
    said = page()
    assert [n for form in FORMS for n in (form.verb, *form.keys) if f"`{n}`" not in said] == []


def test_the_text_is_the_schema() -> None:
    """As `mjflow schema` prints it."""
    assert json.loads(text()) == schema()
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
