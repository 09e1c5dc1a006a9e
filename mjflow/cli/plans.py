"""How a plan is told: what will be done and paid, then all that is doubtful or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import asdict

from mjflow.cli.report import Report
from mjflow.cli.words import lapse, number
from mjflow.errors import Complaint
from mjflow.flow.planning.bill import Bill, Line
from mjflow.flow.planning.plan import Plan
from mjflow.protocol.prices import Price

#: Warnings that are told; the others are only counted.
MOST = 20

#: Stands before an amount that is not all known.
_ABOUT = "~"
#: What an act is called that has no good name of its own.
_WORDS = {
    "MODAL": "answers to dialogs",
    "INPAINT": "Vary (Region)",
    "CUSTOM_ZOOM": "Custom Zoom",
    "PIC_READER": "a describe's texts drawn",
    "LOW_VARIATION": "Vary (Subtle)",
    "HIGH_VARIATION": "Vary (Strong)",
    "ACTION": "other buttons",
}
_HEAD = ("", "tasks", "charged", "cost")


def show(report: Report, made: Plan) -> None:
    """
    Tell what a flow will do.

    Raises:
        FlowInvalid: It cannot be carried out; nothing but that and the warnings is told.
    """
    warn(report, made)
    made.check()
    report.tell("plan", *lines(made), **content(made))


def warn(report: Report, made: Plan) -> None:
    """Tell what a person should know before a flow is run."""
    for warning in made.warnings[:MOST]:
        report.warn(str(warning))
    left = len(made.warnings) - MOST
    if left > 0:
        report.warn(f"and {number(left, 'more warning')}")


# --- for people ---------------------------------------------------------------------------


def lines(made: Plan) -> list[str]:
    """Write a plan in lines: a table of what is charged, and what it comes to."""
    told = [_headline(made), ""]
    if made.bill.lines:
        told += [*_table(made.bill), ""]
    told += [f"{name:<10}{text}" for name, text in _rows(made).items() if text]
    return told if told[-1] else told[:-1]


def _headline(made: Plan) -> str:
    items = number(made.items, "item")
    if not made.new_items and made.items:
        return f"{made.name}: {items}, and nothing is left to be done"
    if made.new_items < made.items:
        return f"{made.name}: {made.new_items:,} of {items} still to be done"
    return f"{made.name}: {items}"


def _table(bill: Bill) -> list[str]:
    rows = [_HEAD, *map(_row, bill.lines)]
    rows.append(("total", _told(bill.tasks), "", _amount(bill.cost)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_padded(row, widths) for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = row
    cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
    return "   ".join([name.ljust(widths[0]), *cells]).rstrip()


def _row(line: Line) -> tuple[str, str, str, str]:
    name = _name_of(line.action)
    if line.mode is not None:
        name = f"{name}, {line.mode}"
    return name, _told(line.tasks), _told(line.charges), _amount(line.cost)


def _name_of(action: str) -> str:
    """Call an act as people do."""
    return _WORDS.get(action) or action.lower().replace("_", " ")


def _told(count: int) -> str:
    return f"{count:,}" if count else ""


def _amount(price: Price) -> str:
    if not price.amount:
        return "free"
    return f"{'' if price.known else _ABOUT}{price.amount:,.2f}"


def _rows(made: Plan) -> dict[str, str]:
    bill = made.bill
    return {
        "requests": _requests(bill),
        "time": _time(made),
        "remix": _remix(bill.remix),
        "at most": "some steps have conditions that only the run can tell" * bill.at_most,
        "prices": _unknown(bill),
    }


def _requests(bill: Bill) -> str:
    asked = bill.requests
    if not asked.total:
        return ""
    parts = [number(asked.submits, "submit")]
    if asked.answers:
        parts.append(f"{number(asked.answers, 'answer')} to dialogs")
    if asked.downloads:
        parts.append(number(asked.downloads, "download"))
    return f"{', '.join(parts)}, about {number(asked.looks, 'look')}"


def _time(made: Plan) -> str:
    if not made.bill.tasks:
        return ""
    at_once = number(made.in_flight, "task")
    return f"about {span(made.bill.seconds)}, with up to {at_once} at a time"


def span(seconds: float) -> str:
    """Say how long something may take, no more exactly than anybody knows."""
    if seconds < 90:
        return lapse(max(10, round(seconds, -1)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return number(minutes, "minute")
    return number(round(minutes / 60), "hour")


def _remix(price: Price) -> str:
    if not price.amount:
        return ""
    return f"up to {_amount(price)} more where the account has remix mode on: dialogs then open"


def _unknown(bill: Bill) -> str:
    if bill.cost.known:
        return ""
    return f"{_ABOUT} is an estimate: the price list does not have this act, or not in this mode"


# --- for programs -------------------------------------------------------------------------


def content(made: Plan) -> dict[str, Any]:
    """Give a plan as it stands in JSON; money in the price list's currency, times in seconds."""
    bill = made.bill
    return {
        "flow": made.name,
        "items": made.items,
        "new_items": made.new_items,
        "tasks": bill.tasks,
        "cost": bill.cost.amount,
        "cost_known": bill.cost.known,
        "remix_cost": round(bill.remix.amount, 6),
        "at_most": bill.at_most,
        "seconds": round(bill.seconds),
        "max_in_flight": made.in_flight,
        "requests": asdict(bill.requests),
        "bill": [_of_line(line) for line in bill.lines],
        "warnings": [_of_complaint(warning) for warning in made.warnings],
    }


def _of_line(line: Line) -> dict[str, Any]:
    return {
        "action": line.action,
        "mode": line.mode,
        "tasks": line.tasks,
        "charges": line.charges,
        "cost": round(line.cost.amount, 6),
        "known": line.cost.known,
    }


def _of_complaint(complaint: Complaint) -> dict[str, Any]:
    return asdict(complaint)
