"""What the page of the simulator says that the code does not: its prose and its small tables."""

from __future__ import annotations

from mjflow.simulator.faults import Where

PAGE = """\
# The simulator

<!-- Written by `python -m mjflow.simulator.page --write FILE`; do not edit. -->

A server of your own, on loopback, that behaves as real ones do and draws for nothing.
It can be any of the three kinds that mjflow speaks to, and on request it goes wrong in every
way in which they are known to.
It shares no code with the client, so a mistake cannot hide on both sides.
What it does follows from facts about real servers; the numbers behind § are those of
[the wire](wire.md).

## In Python

```python
import asyncio

from mjflow.simulator import Fault, Simulator


async def main():
    faults = ["lost-reply=1:1", Fault("progress-null", rate=0.3)]
    async with Simulator(profile="trueai", speed=20, faults=faults) as simulator:
        print(simulator.base_url)  # talk to it here, in any way
        simulator.faults.switch("queue-full@answers=0.5")  # at any time
        simulator.faults.clear()
        print(simulator.ledger.total, simulator.ledger.tokens())


asyncio.run(main())
```

The same seed and the same order of requests give the same durations and pictures, and the same
ids too where these do not hold the time.
All its times are virtual seconds, of which `speed` pass in one second.
Nothing runs in the background: what a task shows follows from its times when somebody looks, so
ten thousand tasks cost no more than the looks at them.

## On the command line

```console
$ mjflow simulate --profile trueai --speed 60 --fault queue-full=0.2 --fault lost-reply=1:1
```

## Profiles

{profiles}

What each routes under `/mj`; any other path is answered as that server does, with a web page and
HTTP 200 by the gateway, and with 404 by the others.

{acts}

{reads}

{differences}

Older builds, by name: {builds}.
A profile is data: `attrs.evolve(PROFILES["gateway"], obeys_hooks=True)` makes another.

Not simulated: `insight-face/video-swap`, the accounts of novicezk, the admin area of trueai.

## Faults

A fault is written `NAME`, `NAME=RATE` or `NAME=RATE:COUNT`.
`RATE` is its chance at each occasion, from 0 to 1, and 1 when left out.
`COUNT` is how many times it may strike in all, so `lost-reply=1:1` is the first time only.
`NAME@WHERE` leaves a fault to one kind of occasion: {wheres}.

Each fault has dice of its own, so one never disturbs another, and any may be on together.
In a profile in which a fault cannot happen it never strikes.

{faults}

## Webhooks

trueai and novicezk post a task to its `notifyHook` when status or progress change, as they do in
life: without a signature, once, and never again when nobody answers.
The gateway drops the field, as it does by default.
Only addresses on loopback are called, so that no real receiver is fed with made-up tasks.
Where the clock is set by hand, `await simulator.deliver_hooks()` posts what is due.

## The ledger

`simulator.ledger` holds every charge, every refund and every submit, up to the present moment.
`GET /_simulator/ledger` shows the same as JSON to other processes, without a key.

| Name | What it is |
| --- | --- |
| `charges`, `refunds`, `total` | The movements of money, in USD; `entries` has all in order. |
| `charged(id)`, `refunded(id)` | What one task cost, and what came back. |
| `answers()` | How many answers each dialog accepted: more than one is one too many. |
| `tokens()` | The submits by what their `state` has before the first colon. |
| `by_state(text)` | The submits of one state, or of one such token. |
| `unknowable()` | The submits of which no answer told the client what became of them. |

Behind a gateway a submit is charged when it is accepted, the click that only opens Vary (Region)
or Custom Zoom is free, and a failure is refunded when the gateway sees it.
The other servers send no bills; there the ledger books what Midjourney draws, at the same prices.

Every submit has a record, whatever its client was told:

{submit}

`knowable` is judged by the answer that left: a yes that names its task and a definite no can be
known, an answer that broke off, an empty one and a gateway's code 5 cannot.
What was never carried out because no such path exists has no record.
"""

#: What each profile is.
SUMMARIES = {
    "gateway": "A gateway of the new-api family before a plus server: most likely DeerAPI.",
    "trueai": "trueai-org/midjourney-proxy, spoken to directly.",
    "novicezk": "novicezk/midjourney-proxy, spoken to directly: no buttons, no dialogs.",
}
BUILD_SUMMARIES = {
    "gateway-2025-04": "no video, no edits, no Animate, PicReader and the like",
    "novicezk-2.3.5": "16-digit ids, and code 21 for a button pressed before",
}
DIFFERENCES: tuple[tuple[str, str, str, str], ...] = (
    ("Key", "`Bearer`, bare, or `mj-api-secret`", "bare or `mj-api-secret`", "`mj-api-secret`"),
    ("Speed by path", "fast, turbo, relax; others mean nothing", "fast, turbo, relax", "none"),
    ("Unknown id", "400, code 4", "204", "200, empty"),
    ("Ids", "16 to 18 digits", "time and 3 digits", "time and 3 digits"),
    ("What is shown", "a copy, renewed every 15 s", "the task itself", "the task itself"),
    ("Who sees a task", "its user", "everybody", "everybody"),
    ("Full queue", "23", "9", "23"),
    ("Banned word", "24", "accepted, fails late", "24"),
    ("Queued", "1", "22", "22"),
    ("Dialog of a remix", "1", "21", "has none"),
    ("Answered dialog", "same id, two rows", "same id, MODAL for 5 to 30 s", "has none"),
    ("Gives up", "1 h after the submit", "5 min running, 1 h queued", "5 min running"),
    ("Restart", "forgets nothing", "queues again", "forgets everything"),
    ("Pictures", "`/mj/image/{id}`", "signed links, a day long", "signed links, a day long"),
)
HEADINGS = {
    Where.SUBMITS: "Submits",
    Where.CLICKS: "Clicks",
    Where.ANSWERS: "Answers to dialogs",
    Where.LOOKS: "Looks",
    Where.TASKS: "Tasks",
    Where.IMAGES: "Pictures",
    Where.HOOKS: "Webhooks",
}
#: What is plain to a reader of the code, and not to one of the page.
SAID = {
    "at": "When it came, in virtual seconds.",
    "state": "The `state` it carried.",
    "code": "The answer's `code`, none where it has none.",
}
