"""`--resubmit-in-doubt`: a person's word for all doubts of a run at once."""

from __future__ import annotations

from mjflow.cli.flows.night import Office
from mjflow.cli.journal.place import existing
from mjflow.cli.journal.reading import configured, opened
from mjflow.cli.report import Report
from mjflow.cli.words import number
from mjflow.client import Client
from mjflow.flow.running.holding import Holding
from mjflow.journal.store import prefix_of_run


async def resubmit(report: Report, client: Client, run: str, office: Office) -> None:
    """
    Send again what is in doubt of a run, unless somebody else is at work on it.

    Raises:
        RunHeld: Somebody is; nothing was sent.
        CannotWrite, JournalUnusable: The journal does not take it.
    """
    path = None if office.is_simulated else existing(office.keeping.journal)
    if path is None:
        return  # what was in doubt has ended with its process
    async with opened(path) as store:
        holding = Holding(store, configured(office.terms.server.base_url), run)
        await holding.take()
        try:
            count = await _sent_again(client, prefix_of_run(run))
        finally:
            await holding.release()
    if count:
        report.say(f"Sent again: {number(count, 'request')} that {_were(count)} in doubt")


async def _sent_again(client: Client, prefix: str) -> int:
    mine = [handle for handle in await client.doubts() if handle.key.startswith(prefix)]
    for handle in mine:
        await handle.settle("resubmit")
    return len(mine)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
