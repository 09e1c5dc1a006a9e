"""What a run has in its journal already, as far as a plan wants to know: keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mjflow.engine.pasts import outcome_of
from mjflow.journal.store import Attempt, Store, is_over, prefix_of_run


async def known_keys(store: Store, namespace: str, run: str) -> frozenset[str]:
    """
    Return the journal's keys of all that a run has done, or begun, and will not pay for again.

    Raises:
        CannotWrite, JournalUnusable: The journal cannot be read.
    """
    prefix = prefix_of_run(run)
    attempts = await store.history(namespace, prefix)
    marks = await store.marks(namespace, prefix)
    return frozenset((*_settled(attempts), *(mark.key for mark in marks)))


def _settled(attempts: Sequence[Attempt]) -> Iterator[str]:
    last = {attempt.intent.key: attempt for attempt in attempts}
    for key, attempt in last.items():
        # A definite no is final; what was withdrawn, or is absent, is asked for again.
        if not is_over(attempt) or outcome_of(attempt) is not None:
            yield key
