"""The texts of the page on the commands that their own help does not have."""

from __future__ import annotations

PAGE = """\
# Commands

<!-- Written by `python -m mjflow.cli.reference --write FILE`; do not edit. -->

What can be typed, what comes out, and what the exit codes mean.
`mjflow COMMAND --help` says the same in the terminal.

| Command | What it does |
| --- | --- |
{summary}

What is asked for goes to standard output: the paths of pictures, a task, JSON.
Progress, warnings and errors go to standard error: drawn on a terminal, plain lines elsewhere.
Where a run's two outputs lead to one place, the paths of its pictures are left out.
An API key is never an argument, because arguments stay in the shell's history.

What is sent and paid is remembered in a journal: `.mjflow/journal.db`, where a command is run.
That folder has a `.gitignore` of its own, because prompts are nobody else's business.
A simulator inside a command never writes there.

{commands}

## Options of the acts that begin a chain

`--prompt` and `--mask` go to the last button of the chain that opens a dialog.
What does not fit, such as a button that no result has at its place, is refused before anything is
sent.

{shared}

## JSON lines

With `--json` standard output has one object per line, and nothing else.
What is not known is left out; times are ISO 8601, in UTC.

| `type` | When | Fields |
| --- | --- | --- |
{lines}

## Exit codes

Of several, the worst counts: 130, 4, 3, 1.

| Code | What it means |
| --- | --- |
{codes}

## Environment

| Variable | What it is |
| --- | --- |
{variables}
"""

EXAMPLES = {
    "imagine": """\
mjflow imagine "a cute cat --v 6.1" --simulate
mjflow imagine "a cute cat --v 6.1" --click U2 --click "Upscale (Subtle)" --out cats
mjflow imagine "a cat" --click U1 --click "Vary (Region)" --prompt "a crown" \\
    --mask rect:0.3,0,0.7,0.35 --simulate --profile trueai
mjflow imagine "in the style of this" --image painting.jpg
""",
    "blend": "mjflow blend cat.png dog.png --dimensions landscape --click U1 --out pets\n",
    "describe": """\
mjflow describe photo.jpg
mjflow describe photo.jpg --click 1 --prompt "the same at night" --click U2
""",
    "shorten": 'mjflow shorten "a very, very long prompt about a cat in the rain"\n',
    "video": """\
mjflow video "the cat yawns" --image cat.png --motion high
mjflow video "the cat falls asleep" --extend 1320098173412546 --index 0
""",
    "edits": """\
mjflow edits cat.png "a golden crown" --mask ellipse:0.5,0.2,0.2,0.15
mjflow edits cat-with-a-hole.png "a golden crown" --click U1
""",
    "swap-face": "mjflow swap-face me.jpg painting.jpg --out faces\n",
    "plan": """\
mjflow plan portraits.yaml
mjflow plan portraits.yaml --inputs animals.csv --max-in-flight 12
mjflow plan portraits.yaml --inputs animals.csv --run night-1
""",
    "run": """\
mjflow run portraits.yaml --simulate
mjflow run portraits.yaml --inputs animals.csv --run night-1 --max-cost 20
mjflow run portraits.yaml --inputs animals.csv --set ar=16:9 --out portraits
""",
    "resume": """\
mjflow resume night-1
mjflow resume night-1 --max-cost 40
""",
    "schema": "mjflow schema > flow.schema.json\n",
    "click": 'mjflow click 1320098173412546 "Zoom Out 1.5x" --out cats\n',
    "modal": (
        'mjflow modal 1320098173412546 --prompt "a golden crown" --mask rect:0.3,0,0.7,0.35\n'
    ),
    "cancel": "mjflow cancel 1320098173412546\n",
    "show": "mjflow show 1320098173412546 --out cats\n",
    "watch": "mjflow watch 1320098173412546 1320098173412547 --out cats\n",
    "seed": "mjflow seed 1320098173412546\n",
    "runs": "mjflow runs\n",
    "doubts": """\
mjflow doubts
mjflow doubts --run night-1 --json
""",
    "doubts look": "mjflow doubts look order-17\n",
    "doubts settle": "mjflow doubts settle order-17 --task 1320098173412546\n",
    "doubts write-off": "mjflow doubts write-off order-17\n",
    "doubts resubmit": "mjflow doubts resubmit order-17\n",
    "export": "mjflow export --run night-1 --out night-1.jsonl\n",
    "prune": """\
mjflow prune --before 30 --dry-run
mjflow prune --before 2026-08-01
""",
    "upload": "mjflow upload cat.png dog.png\n",
    "split": """\
mjflow split mjflow-out/imagine-1320098173412546.png
mjflow split 1320098173412546 --out cats
""",
    "simulate": "mjflow simulate --port 8080 --speed 60 --profile trueai --fault queue-full=0.2\n",
}

SHARED = (
    "And the [options of the acts that begin a chain](#options-of-the-acts-that-begin-a-chain)."
)

FAULTS = "[The simulator](simulator.md) lists the profiles, and every fault by its name."

LINES = (
    ("state", "an act takes a step", "`act`, `key`, `id`, `state`, `queue_place`, `error`, `task`"),
    ("progress", "a look shows progress", "`act`, `key`, `id`, `state`, `progress`"),
    ("preview", "a look shows an unfinished picture", "`act`, `key`, `id`, `preview`"),
    ("retry", "the server had no room", "`act`, `key`, `reason`, `delay` (seconds)"),
    ("stalled", "nothing has changed for ten minutes", "`act`, `key`, `id`, `state`, `reason`"),
    ("paused, resumed", "nothing is submitted for a while", "`reason`, `error`, `message`"),
    (
        "saved",
        "a picture is on disk",
        "`task_id`, `path`, `sha256`, `size` (bytes), `width`, `height`, `sidecar`",
    ),
    (
        "plan",
        "`plan` has found nothing wrong",
        "`flow`, `items`, `new_items`, `tasks`, `cost`, `cost_known`, `remix_cost`, `at_most`, "
        "`seconds`, `max_in_flight`, `requests`, `bill`, `warnings`",
    ),
    ("begin", "a run begins", "`run`, `items`, `tasks` and `cost` that are still to come"),
    (
        "item",
        "an item of a run has ended",
        "`item`, `values`, `ok`, `stuck`, `branches`: each with `branch`, `state`, `lineage`, "
        "`files`, `error`",
    ),
    (
        "cause",
        "at the end of a run, for each reason why something failed",
        "`count`, `what`, `advice`, `left` (a resumed run goes on with it), `places`",
    ),
    (
        "standing",
        "now and then during a run, and at its end",
        "`run`, `items`, `to_come`, `under_way`, `done`, `failed`, `left`, `branches`, "
        "`in_flight`, `pictures`, `spent`, `refunded`, `in_doubt`, `spent_is_complete`, `paused`, "
        "`started_at`, `ends_at`, `out`",
    ),
    (
        "run",
        "`runs` lists one",
        "`run`, `flow`, `base_url`, `begun_at`, `items`, `done`, `failed`, `left`, `in_doubt`, "
        "`state`, `holder`",
    ),
    (
        "doubt",
        "`doubts` lists one",
        "`key`, `token`, `id`, `act`, `prompt`, `answer`, `run`, `base_url`, `at`, `reason`, "
        "`advice`, `commands`",
    ),
    ("settled", "a command of `doubts` has done its work", "`key`, `token`, `id`, `state`"),
    (
        "pruned",
        "`prune` has done its work",
        "`before`, `dry_run`, `attempts`, `runs`, `marks`, `pictures`",
    ),
    ("text", "describe or shorten found one", "`task_id`, `number` of its button, `text`"),
    ("link", "`upload` has stored a picture", "`source`, `url`"),
    ("seed", "`seed` has found it out", "`task_id`, `seed`"),
    ("cancelled", "the server took the wish of `cancel`", "`task_id`, `status` after it"),
    ("task", "`show` has looked", "what `task` has in a `state` line of an ended task"),
    (
        "error",
        "something went wrong",
        "`error` (a class of the [errors](errors.md)), `message`, `advice`, `task_id`, `exit_code`",
    ),
    (
        "left",
        "a command ended before its tasks",
        "`interrupted`, `running`, `unsaved`, `unsent`, `commands` that pick them up; of a run "
        "`interrupted`, `run`, `items`, `commands`",
    ),
)

CODES = {
    0: "all ended well; for `simulate` also that it was stopped",
    1: "something failed",
    2: "the command cannot be carried out as it was typed; nothing was sent",
    3: "something is in doubt or lost: it may run, and may be paid",
    4: "the server cannot be reached, is no such API, or refuses the key or the account",
    130: "interrupted by Ctrl-C or SIGTERM; the last lines say what still runs, and how to go on",
}

VARIABLES = {
    "MJFLOW_API_KEY": "the key; not needed for a server on this machine",
    "MJFLOW_BASE_URL": "where the server is, without `/mj`; DeerAPI by default",
    "MJFLOW_DIALECT": "the kind of server: `gateway`, `trueai` or `novicezk`; else it is asked",
    "MJFLOW_MODE": "speed mode: `relax`, `fast` or `turbo`",
    "MJFLOW_POLL_INTERVAL": "seconds between two looks at a task",
    "MJFLOW_JOURNAL": "the journal's file, or `memory`; `.mjflow/journal.db` by default",
    "MJFLOW_LOG": "`debug`, `info`, `warning` or `error`: log to standard error from this level on",
}
