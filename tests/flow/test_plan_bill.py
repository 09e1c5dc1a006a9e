"""What a plan comes to: tasks, requests, money and time."""

from __future__ import annotations

import pytest

from mjflow.flow.planning.plan import IN_FLIGHT, Plan
from mjflow.protocol.dialect import TRUEAI
from mjflow.protocol.prices import DEFAULT, Price, Prices
from mjflow.protocol.requests import Mode

from .plans import SHAPE, planned
from .portraits import PORTRAITS

CAT = "imagine: a cat"
REGION = f"{{click: Vary (Region), prompt: a hat, {SHAPE}}}"


def lines(made: Plan) -> dict[str, tuple[int, int, float]]:
    """Give tasks, charges and cost by action."""
    return {
        line.action: (line.tasks, line.charges, round(line.cost.amount, 6))
        for line in made.bill.lines
    }


BILLS = {
    "one step": ((CAT,), {"IMAGINE": (1, 1, 0.1)}),
    "branches": (
        (CAT, "click: [U1, U3]", "click: Upscale (Subtle)"),
        {"IMAGINE": (1, 1, 0.1), "UPSCALE": (4, 4, 0.2)},
    ),
    "branches of branches": (
        (CAT, "click: [V1, V2]", "click: [U1, U2, U3]"),
        {"IMAGINE": (1, 1, 0.1), "VARIATION": (2, 2, 0.2), "UPSCALE": (6, 6, 0.3)},
    ),
    "a free click, and an answer that is paid": (
        (CAT, "click: U1", REGION),
        {
            "IMAGINE": (1, 1, 0.1),
            "UPSCALE": (1, 1, 0.05),
            "INPAINT": (1, 1, 0.0),
            "MODAL": (0, 1, 0.1),
        },
    ),
    "a remix dialog is charged twice": (
        (CAT, "{click: V1, prompt: a dog}"),
        {"IMAGINE": (1, 1, 0.1), "VARIATION": (1, 1, 0.1), "MODAL": (0, 1, 0.1)},
    ),
    "one that is asked for without data, too": (
        (CAT, "{click: V1, enable_remix: true}"),
        {"IMAGINE": (1, 1, 0.1), "VARIATION": (1, 1, 0.1), "MODAL": (0, 1, 0.1)},
    ),
    "the classic call": (
        (CAT, "change: U2"),
        {"IMAGINE": (1, 1, 0.1), "UPSCALE": (1, 1, 0.05)},
    ),
    "a glob that can mean one button": (
        (CAT, "click: U1", "click: '*creative*'"),
        {"IMAGINE": (1, 1, 0.1), "UPSCALE": (2, 2, 0.1)},
    ),
    "files are free": ((CAT, "split", "download"), {"IMAGINE": (1, 1, 0.1)}),
    "a fork": (
        (CAT, "fork: {wide: [{click: reroll}], large: [{click: U1}, {click: Zoom Out 2x}]}"),
        {
            "IMAGINE": (1, 1, 0.1),
            "REROLL": (1, 1, 0.1),
            "UPSCALE": (1, 1, 0.05),
            "ZOOM": (1, 1, 0.1),
        },
    ),
    "the best of four go on": (
        (CAT, "click: [U1, U2, U3, U4]", "{choose: a:b, best: 2}", "click: Zoom Out 2x"),
        {"IMAGINE": (1, 1, 0.1), "UPSCALE": (4, 4, 0.2), "ZOOM": (2, 2, 0.2)},
    ),
    "four tasks of one button": (
        ("describe: https://example.com/a.png", "click: Imagine all", "click: U1"),
        {"DESCRIBE": (1, 1, 0.05), "PIC_READER": (4, 4, 0.4), "UPSCALE": (4, 4, 0.2)},
    ),
    "a text drawn": (
        ("describe: https://example.com/a.png", "click: 1", "click: U1"),
        {
            "DESCRIBE": (1, 1, 0.05),
            "PIC_READER": (1, 1, 0.1),
            "MODAL": (0, 1, 0.1),
            "UPSCALE": (1, 1, 0.05),
        },
    ),
    "a bookmark is no task": (
        (CAT, "click: U1", "click: bookmark", "click: Zoom Out 2x"),
        {
            "IMAGINE": (1, 1, 0.1),
            "UPSCALE": (1, 1, 0.05),
            "BOOKMARK": (0, 0, 0.0),
            "ZOOM": (1, 1, 0.1),
        },
    ),
}


@pytest.mark.parametrize(("steps", "expected"), BILLS.values(), ids=BILLS)
def test_every_act_is_charged(
    steps: tuple[str, ...], expected: dict[str, tuple[int, int, float]]
) -> None:
    """By the words of the price list: tasks, how often it is charged, and what that costs."""
    made = planned(*steps)
    assert made.complaints == ()
    assert lines(made) == expected
    assert made.bill.cost.amount == pytest.approx(sum(cost for _, _, cost in expected.values()))
    assert made.bill.tasks == sum(tasks for tasks, _, _ in expected.values())


def test_items_multiply_the_bill() -> None:
    """Rows by cells of the matrix."""
    made = planned(
        "imagine: '{prompt}, {style}'",
        "click: U1",
        rows=[{"prompt": str(n)} for n in range(10)],
        top={"matrix": {"style": ["oil", "ink"]}},
    )
    assert (made.items, made.new_items) == (20, 20)
    assert lines(made) == {"IMAGINE": (20, 20, 2.0), "UPSCALE": (20, 20, 1.0)}


def test_items_are_charged_for_what_their_conditions_let_through() -> None:
    """A step under a condition on values is done for some of them."""
    made = planned(
        "imagine: 'a {animal}'",
        "{click: U1, when: {param: {animal: cat}}}",
        "{click: '{button}'}",
        rows=[
            {"animal": "cat", "button": "Zoom Out 2x"},
            {"animal": "dog", "button": "V1"},
            {"animal": "owl", "button": "V2"},
        ],
    )
    assert made.complaints == ()
    assert lines(made) == {
        "IMAGINE": (3, 3, 0.3),
        "UPSCALE": (1, 1, 0.05),
        "ZOOM": (1, 1, 0.1),
        "VARIATION": (2, 2, 0.2),
    }
    assert not made.bill.at_most


@pytest.mark.parametrize(
    ("when", "at_most"),
    [
        ("{has_button: U1}", False),
        ("{has_button: vary region}", True),
        ("{action: UPSCALE}", True),
    ],
)
def test_what_only_the_run_can_tell_is_counted_and_told(when: str, at_most: bool) -> None:
    """Which buttons a picture has depends on its version, what an act is called on the server."""
    click = "U1" if "U1" in when else "Upscale (Subtle)"
    first = () if click == "U1" else ("click: U1",)
    made = planned(CAT, *first, f"{{click: {click}, when: {when}}}")
    assert made.bill.tasks == 2 + len(first)
    assert made.bill.at_most is at_most


def test_prices_by_mode() -> None:
    """A step's own mode, the flow's, and the run's; what the list does not know is an estimate."""
    steps = (CAT, "{click: U1, mode: turbo}")
    relaxed = planned(*steps, mode=Mode.RELAX)
    assert [(line.mode, line.cost) for line in relaxed.bill.lines] == [
        (Mode.RELAX, Price(0.1)),
        (Mode.TURBO, Price(0.05, known=False)),
    ]
    assert not relaxed.bill.cost.known
    prices = DEFAULT.overridden({}, {Mode.TURBO: 2.0, Mode.FAST: 1.5})
    made = planned(*steps, prices=prices, mode=Mode.RELAX, top={"mode": "fast"})
    assert made.bill.cost == Price(0.25)


def test_a_dearer_list_is_a_dearer_plan() -> None:
    """Prices are the user's own."""
    made = planned(CAT, "click: U1", prices=Prices(by_action={"IMAGINE": 1.0}, unknown=7.0))
    assert made.bill.cost == Price(8.0, known=False)


def test_remix_mode_may_cost_more() -> None:
    """Each button that then opens a dialog, and whose dialog is not paid for anyhow."""
    made = planned(CAT, "click: [V1, V2]", "{click: reroll, prompt: a dog}", "click: U1")
    assert made.bill.remix == Price(0.2)
    assert planned(CAT, "click: U1", REGION).bill.remix == Price(0.0)


def test_requests() -> None:
    """Submits, answers, and pictures that are fetched: to be saved, or to be built on."""
    made = planned(
        CAT,
        "click: [U1, U2]",
        REGION,
        "click: U1",
        "download",
        "video: {image: current}",
        "download",
    )
    asked = made.bill.requests
    assert (asked.submits, asked.answers, asked.downloads) == (9, 2, 2 + 2 + 2 * 4)
    assert asked.looks > 0
    assert asked.total == asked.submits + asked.answers + asked.downloads + asked.looks


def test_a_scorer_looks_at_all_candidates() -> None:
    """Their pictures are fetched."""
    made = planned(CAT, "click: [U1, U2, U3]", "choose: a:b", "download")
    assert made.bill.requests.downloads == 3 + 1


def test_time_is_work_by_hands_but_no_shorter_than_the_longest_way() -> None:
    """Twice as many at once is twice as fast, until one item's own chain is the measure."""
    rows = [{"n": str(n)} for n in range(100)]
    spans = [
        planned("imagine: '{n}'", "click: V1", rows=rows, max_in_flight=many).bill.seconds
        for many in (1, 2, 10, 1000)
    ]
    assert spans[0] == pytest.approx(2 * spans[1])
    assert spans[1] == pytest.approx(5 * spans[2])
    assert spans[3] == pytest.approx(planned("imagine: x", "click: V1").bill.seconds)


def test_time_depends_on_the_mode_and_the_server() -> None:
    """Relaxed tasks wait, and a gateway tells of their end late."""
    spans = [planned(CAT, mode=mode).bill.seconds for mode in (Mode.TURBO, Mode.FAST, Mode.RELAX)]
    assert spans == sorted(spans)
    assert len(set(spans)) == 3
    assert planned(CAT, dialect=TRUEAI).bill.seconds < planned(CAT).bill.seconds


def test_nothing_at_all() -> None:
    """No items, no tasks, no time."""
    made = planned(CAT, rows=[])
    assert (made.items, made.bill.tasks, made.bill.seconds, made.in_flight) == (
        0,
        0,
        0.0,
        IN_FLIGHT,
    )
    assert made.bill.cost == Price(0.0)
    assert (made.complaints, made.warnings) == ((), ())


def test_the_flow_of_the_handbook() -> None:
    """Two animals, two branches each, with a region and an upscale."""
    from mjflow.flow import Flow
    from mjflow.flow.items import items
    from mjflow.flow.planning.plan import plan

    flow = Flow.parse(PORTRAITS)
    made = plan(flow, items(flow))
    assert (made.complaints, made.warnings) == ((), ())
    assert lines(made) == {
        "IMAGINE": (2, 2, 0.2),
        "UPSCALE": (12, 12, 0.6),
        "INPAINT": (4, 4, 0.0),
        "MODAL": (0, 4, 0.4),
    }
