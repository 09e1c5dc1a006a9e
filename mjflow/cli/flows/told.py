"""What `--json` says of a run: one flat object per line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mjflow.cli.flows.causes import Group
from mjflow.cli.flows.standing import Standing
from mjflow.flow.machine.results import ItemResult


def of_standing(standing: Standing) -> dict[str, Any]:
    """Tell how far a run is."""
    progress = standing.progress
    return {
        "type": "standing",
        "run": standing.name,
        "items": progress.items,
        "to_come": progress.waiting,
        "under_way": progress.open,
        "done": progress.ended,
        "failed": progress.failed,
        "left": progress.stuck,
        "branches": dict(progress.branches),
        "in_flight": progress.in_flight,
        "pictures": progress.pictures,
        "spent": progress.spent.total,
        "refunded": progress.spent.refunded,
        "in_doubt": progress.spent.in_doubt,
        "spent_is_complete": progress.spent.complete,
        "paused": standing.paused or None,
        "started_at": _at(progress.started_at),
        "ends_at": None if standing.is_over else _at(progress.ends_at),
        "out": str(standing.out),
    }


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def of_item(item: ItemResult) -> dict[str, Any]:
    """Tell what became of an item."""
    return {"type": "item", **item.as_json()}


def of_group(group: Group) -> dict[str, Any]:
    """Tell what failed for one reason."""
    return {
        "type": "cause",
        "count": group.count,
        "what": group.cause.what,
        "advice": group.cause.advice or None,
        "left": group.cause.waits,
        "places": list(group.places),
    }
