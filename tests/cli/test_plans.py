"""How a plan is told, to people and to programs."""

from __future__ import annotations

import io
import json

import pytest

from mjflow.cli import plans
from mjflow.cli.report import JsonReport, Report
from mjflow.errors import Complaint, FlowInvalid
from mjflow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.planning.plan import Plan, plan
from mjflow.protocol.prices import DEFAULT
from mjflow.protocol.requests import Mode

FLOW = """\
name: portraits
mode: fast
matrix:
  animal: [cat, dog]
steps:
  - imagine: "a {animal} in the rain --v 6.1"
  - click: [U1, U3]
  - click: Vary (Region)
    prompt: a golden crown
    mask: {rect: [0.3, 0.0, 0.7, 0.35]}
  - click: U1
  - click: Upscale (Subtle)
  - download: "{animal}/{button}-{id}"
"""
PRICES = DEFAULT.overridden({}, {Mode.FAST: 1.0})


def planned(text: str = FLOW, **options: object) -> Plan:
    flow = Flow.parse(text)
    return plan(flow, items(flow), prices=PRICES, **options)  # type: ignore[arg-type]


def told(made: Plan) -> tuple[list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    plans.show(Report(out, err), made)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_a_plan_is_a_table_of_what_is_charged() -> None:
    """Tasks, how often each word of the price list is charged, and the sum."""
    out, err = told(planned())
    assert out == [
        "portraits: 2 items",
        "",
        "                           tasks   charged   cost",
        "imagine, fast                  2         2   0.20",
        "upscale, fast                 12        12   0.60",
        "Vary (Region), fast            4         4   free",
        "answers to dialogs, fast                 4   0.40",
        "total                         18             1.20",
        "",
        "requests  18 submits, 4 answers to dialogs, 4 downloads, about 32 looks",
        "time      about 3 minutes, with up to 13 tasks at a time",
    ]
    assert err == []


def test_what_is_not_sure_is_said() -> None:
    """Prices that the list has not, conditions, dialogs of remix mode."""
    steps = (
        "steps:\n  - imagine: a cat\n    mode: turbo\n  - click: V1\n"
        "  - {click: U1, when: {action: VARIATION}}"
    )
    out, _ = told(planned(steps))
    assert out[2:] == [
        "                 tasks   charged    cost",
        "imagine, turbo       1         1   ~0.10",
        "variation            1         1    0.10",
        "upscale              1         1    0.05",
        "total                3             ~0.25",
        "",
        "requests  3 submits, about 20 looks",
        "time      about 2 minutes, with up to 13 tasks at a time",
        "remix     up to 0.10 more where the account has remix mode on: dialogs then open",
        "at most   some steps have conditions that only the run can tell",
        "prices    ~ is an estimate: the price list does not have this act, or not in this mode",
    ]


def test_warnings_come_first_and_are_only_so_many() -> None:
    """Beyond twenty they are counted."""
    out, err = told(planned("steps:\n  - imagine: a cat --chaos 200"))
    assert out[0] == "flow: 1 item"
    assert err == [
        "warning: flow:2:14: --c is '200'; it is a whole number from 0 to 100. Midjourney may "
        "refuse it once it is paid."
    ]
    many = tuple(Complaint("f.yaml", n, None, f"number {n}") for n in range(23))
    _, err = told(
        Plan(name="f", items=1, new_items=1, bill=planned().bill, in_flight=1, warnings=many)
    )
    assert len(err) == 21
    assert err[-2:] == ["warning: f.yaml:19: number 19", "warning: and 3 more warnings"]


def test_a_plan_that_cannot_be_is_not_told() -> None:
    """Its complaints are the whole answer."""
    made = planned("steps:\n  - imagine: a cat\n  - click: Zoom Out 2x")
    with pytest.raises(FlowInvalid, match="Click U1, U2, U3 or U4 first"):
        told(made)


def test_what_is_done_already_is_not_in_the_table() -> None:
    """An earlier run of the same name has done its part."""
    flow = Flow.parse("steps:\n  - {imagine: a cat, id: cat}\nmatrix: {n: [a, b]}")
    found = list(items(flow))
    known = frozenset(f"@night/{item.key}/cat" for item in found)
    out, _ = told(plan(flow, found, run="night", known=known))
    assert out == ["flow: 2 items, and nothing is left to be done"]
    out, _ = told(plan(flow, found, run="night", known=frozenset(list(known)[:1])))
    assert out[0] == "flow: 1 of 2 items still to be done"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (3, "10 s"),
        (44, "40 s"),
        (89, "1:30"),
        (100, "2 minutes"),
        (3600, "60 minutes"),
        (8000, "2 hours"),
    ],
)
def test_spans_are_rounded_to_what_anybody_can_know(seconds: float, expected: str) -> None:
    """An estimate to the second would be a lie."""
    assert plans.span(seconds) == expected


def test_programs_get_one_object() -> None:
    """With numbers as they are."""
    out = io.StringIO()
    plans.show(JsonReport(out, io.StringIO()), planned())
    told_json = json.loads(out.getvalue())
    assert told_json == {
        "type": "plan",
        "flow": "portraits",
        "items": 2,
        "new_items": 2,
        "tasks": 18,
        "cost": 1.2,
        "cost_known": True,
        "remix_cost": 0.0,
        "at_most": False,
        "seconds": told_json["seconds"],
        "max_in_flight": 13,
        "requests": {"submits": 18, "answers": 4, "downloads": 4, "looks": 32},
        "bill": [
            {
                "action": action,
                "mode": "fast",
                "tasks": t,
                "charges": n,
                "cost": cost,
                "known": True,
            }
            for action, t, n, cost in (
                ("IMAGINE", 2, 2, 0.2),
                ("UPSCALE", 12, 12, 0.6),
                ("INPAINT", 4, 4, 0.0),
                ("MODAL", 0, 4, 0.4),
            )
        ],
        "warnings": [],
    }
