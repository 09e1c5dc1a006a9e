"""The rows' arithmetic against a gateway that really runs at every tick."""

from __future__ import annotations

from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from mjflow.simulator.buttons import Kind, Stage
from mjflow.simulator.rows import Row
from mjflow.simulator.tasks import Dialog, Task

PERIOD = 15.0
LIMIT = 300.0  # an hour would only make the runs longer


def make_task(ends: float | None, *, failure: str, lost: float, dialog: bool) -> Task:
    """Make a task that was submitted at 0 and ends at an instant, or never."""
    task = Task(
        id="1",
        job="0" * 8,
        action="INPAINT",
        prompt="",
        state="",
        mode="FAST",
        submitted=0.0,
        lag=0.0,
        run=10.0,
        stage=Stage.GRID,
        aspect=1.0,
        version="6.1",
        failure=failure,
        lost=lost,
    )
    if dialog:
        task.dialog = Dialog(Kind.INPAINT, task, "")
    if ends is not None:
        task.begun = ends - 10.0
    return task


@define
class Copied:
    """What the model's row shows."""

    row: Row
    status: str = ""
    ended: bool = False
    submitted: float = 0.0


def run_gateway(task: Task, rows: list[Row], now: float) -> list[str]:
    """Do literally what the gateway does at every tick up to now, P§5.2 to P§5.5."""
    copies = [Copied(row, submitted=row.inserted) for row in rows]
    tick = PERIOD
    while tick <= now:
        unfinished = [copy for copy in copies if copy.row.inserted < tick and not copy.ended]
        # A map by id: of the rows that share one, the last wins.
        if unfinished and tick <= task.lost:
            copy = unfinished[-1]
            copy.status = task.status(tick)
            if tick - copy.submitted > LIMIT:
                copy.status = "FAILURE"
            copy.submitted = task.submitted
            copy.ended = copy.status in ("SUCCESS", "FAILURE")
        tick += PERIOD
    return [copy.status for copy in copies]


instants = st.floats(0, 500, allow_nan=False).map(lambda value: round(value, 2))


@given(
    inserted=st.lists(instants, min_size=1, max_size=3).map(sorted),
    running=st.floats(10.01, 400) | st.none(),
    failure=st.sampled_from(["", "reason"]),
    lost=instants | st.just(float("inf")),
    looks=st.lists(instants, min_size=1, max_size=6).map(sorted),
)
def test_a_row_shows_what_a_gateway_would_that_runs_at_every_tick(
    inserted: list[float], running: float | None, failure: str, lost: float, looks: list[float]
) -> None:
    """Status by arithmetic equals status by simulation, for one to three rows of an id."""
    inserted = [0.0, *inserted[1:]]
    start = inserted[1] if len(inserted) > 1 else 0.0
    ends = None if running is None else start + running
    task = make_task(ends, failure=failure, lost=lost, dialog=len(inserted) > 1)
    known: list[Row] = []
    for now in looks:
        for at in inserted[len(known) :]:
            if at <= now:
                row = Row("u", task, "A", "", "", at, PERIOD, LIMIT)
                for earlier in known:
                    earlier.later.append(row)
                known.append(row)
        shown = [row.status(now) for row in known]
        assert shown == run_gateway(task, known, now)
