"""
What each fault must lead to, written by hand.

A row: the fault, or several that are alike; the occasions at which it strikes, `answers:gateway` if
at one kind of server only; what the chain comes to when it strikes always, and when it strikes the
first time only.  The first row that fits decides.  The words:

    well            every step ends with its result
    never           the same, and the fault can't strike
    an error        of the first step that does not end well
"""

from __future__ import annotations

from attrs import frozen

WELL, NEVER = "well", "never"

_TABLE = """
expired-key
    looks                   TaskLost                    well
    submits                 NotAuthorized               NotAuthorized
    *                       NotAuthorized               well
refuses-bearer
    *:trueai *:novicezk     never                       never
    looks                   TaskLost                    well
    submits                 NotAuthorized               NotAuthorized
    *                       NotAuthorized               well
refuses-raw-key
    *:gateway *:novicezk    never                       never
    looks                   TaskLost                    well
    submits                 NotAuthorized               NotAuthorized
    *                       NotAuthorized               well
refuses-secret
    *:gateway *:trueai      never                       never
    looks                   TaskLost                    well
    submits                 NotAuthorized               NotAuthorized
    *                       NotAuthorized               well

rate-limited shape-a queue-full queue-full-23 queue-full-9 queue-full-429 minus-one no-account
    looks                   TaskLost                    well
    answers:gateway         TaskFailed(timeout)         well
    *                       QueueFull                   well
shape-b
    looks                   TaskLost                    well
    *                       RequestRefused              RequestRefused
shape-c
    *                       RequestRefused              RequestRefused
shape-d html-200
    looks                   TaskLost                    well
    submits                 NotAnApi                    NotAnApi
    *                       RequestRefused              RequestRefused
minus-one-quota
    submits                 QuotaExceeded               QuotaExceeded
    *                       QuotaExceeded               well
minus-one-blocked
    submits                 NotAuthorized               NotAuthorized
    *                       NotAuthorized               well
banned-24
    *                       PromptRefused               PromptRefused

shape-e shape-f http-502 code-5-without-task
    looks                   TaskLost                    well
    answers                 AnswerInDoubt               AnswerInDoubt
    *                       SubmissionInDoubt           SubmissionInDoubt
lost-reply timeout-after-accept cut-reply empty-200
    answers                 well                        well
    *:gateway               SubmissionInDoubt           SubmissionInDoubt
    *                       well                        well
do-request-failed code-5-with-task insert-failed
    answers                 well                        well
    *                       SubmissionInDoubt           SubmissionInDoubt

rewrite-off rewrite-on
    submits                 never                       never
    *                       well                        well
result-as-integer modal-new-id modal-stays-stale
    *                       well                        well
refuses-custom-ids
    *                       RequestRefused              RequestRefused
index-required
    *                       never                       never
stale-buttons
    *                       RequestRefused              well
remix-off
    *                       RequestRefused              RequestRefused
duplicate-21
    *                       well                        well

server-error cut-body
    looks                   TaskLost                    well
    images                  DownloadFailed              well
unknown-as-400 unknown-as-empty unknown-as-204
    *                       TaskLost                    TaskLost
rows-shuffled rows-repeated
    *:gateway               TaskFailed(transient)       TaskFailed(transient)
    *                       well                        well
unread-rows status-unknown two-rows progress-null progress-empty progress-words
progress-backwards rand-links localhost-links preview-early
    *                       well                        well
failure-100
    *                       TaskFailed(transient)       TaskFailed(transient)

fails fails-silently
    *                       TaskFailed(transient)       TaskFailed(transient)
banned-late
    *                       TaskFailed(moderation)      TaskFailed(moderation)
fails-5-minutes fails-1-hour
    *                       TaskFailed(timeout)         TaskFailed(timeout)
never-ends
    *                       TaskLost                    TaskLost
forgets
    clicks:trueai           well                        well
    clicks:novicezk         TaskLost                    well
    *                       TaskLost                    TaskLost
slow-refresh jumps-to-success links-expire
    *                       well                        well
drops-hooks
    answers                 never                       never
    *                       well                        well
drops-filters
    submits                 well                        well
    *                       never                       never
result-leading-zero result-17-digits
    answers                 never                       never
    *                       well                        well

image-404
    *                       DownloadFailed              well
image-html
    *                       NotAPicture                 well
image-cut
    *                       DownloadFailed              well
image-slow hook-lost hook-twice hook-reordered hook-end-twice
    *                       well                        well
"""


@frozen
class Expected:
    """What a fault leads to."""

    always: str
    once: str


@frozen
class _Row:
    faults: tuple[str, ...]
    places: tuple[str, ...]
    expected: Expected

    def fits(self, fault: str, where: str, profile: str) -> bool:
        spelled = {f"{a}:{b}" for a in (where, "*") for b in (profile, "*")}
        places = {place if ":" in place else f"{place}:*" for place in self.places}
        return fault in self.faults and not spelled.isdisjoint(places)


def _read(table: str) -> tuple[_Row, ...]:
    rows: list[_Row] = []
    faults: list[str] = []
    fresh = True
    for line in filter(str.strip, table.splitlines()):
        if not line.startswith(" "):
            faults = [*(() if fresh else faults), *line.split()]
            fresh = False
            continue
        *places, always, once = line.split()
        rows.append(_Row(tuple(faults), tuple(places), Expected(always, once)))
        fresh = True
    return tuple(rows)


ROWS = _read(_TABLE)
#: Every fault of which something is expected.
FAULTS = frozenset(fault for row in ROWS for fault in row.faults)


def expected(fault: str, where: str, profile: str) -> Expected:
    """
    Give what a fault must lead to.

    Raises:
        LookupError: The table does not say.
    """
    for row in ROWS:
        if row.fits(fault, where, profile):
            return row.expected
    raise LookupError(f"nothing is expected of {fault} at {where} of {profile}")
