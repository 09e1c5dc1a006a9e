"""The page `flows.md`: all that can stand in a flow, made from the classes of its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import dedent

from mjflow._pages.reading import table
from mjflow.engine.provenance import FIELDS
from mjflow.flow.language.forms import FORM_OF, FORMS, Form, Key
from mjflow.flow.language.inputs import PROMPT
from mjflow.flow.language.kinds import Word
from mjflow.flow.language.schema import PARTS, TOP, remarks, summary
from mjflow.flow.language.special import ACTIONS, CAUSES
from mjflow.flow.matrix import MOST_CELLS
from mjflow.flow.steps import CURRENT, Click, Download, Imagine, Split, Step, Submitting, When
from mjflow.flow.templates import RUN_FIELDS
from mjflow.protocol.requests import Mode

_PAGE = """\
# Flow files

<!-- Written by `python -m mjflow._pages docs/reference`; do not edit. -->

All that can stand in a flow.
[Write a flow](../howto/flows.md) shows how to use it.

A flow is YAML, JSON, or the same in Python (`mjflow.Flow`).
Every scalar is a text until a key wants something else: `16:9`, `no` and `1e3` are what you wrote.
Anchors, aliases and merges (`<<`) work; no key may stand twice.
What is wrong is told all at once, with file, line and column, before anything is sent.

## At the top

{top}

Keys that begin with `x-` are yours, for anchors; `$schema` is for editors.

## Fields

`{{animal}}` in a text stands for a value of the item.
It is a variable, a column of the inputs, or a dimension of the matrix.
Of values with one name the matrix's counts before the row's, and that before the variable's.
An empty field of a row has the variable's value.
Names have letters, digits, `_`, `-`, and blanks in between.
`{{{{` and `}}}}` stand for braces.
What is filled in is never read again.

In the names of files there are more fields: {pictures}, of a `split` also `{{cell}}`, and {run}.
There they count before values of the same name.

Fields can stand in every text but `id`, a branch's name, a scorer and the action of `when`.
Numbers and flags have no fields.

## Items

A flow is done once for each row of the inputs and each cell of the matrix; without both, once.
An item's key is the `id` column of its row, behind it a hash of the cell where there is a matrix.
Without an `id` it is a hash of what row and matrix say; where that is said twice a number follows.
It depends neither on the order of the rows nor on variables.
An `id` that two rows have is refused.

## `matrix`

Each key is a dimension with a list of values, and each combination of values is a cell.
`include` and `exclude` mean what they mean in workflows of GitHub Actions:

{parts}

1. Each combination that has all values of an entry of `exclude` is left out.
2. Each entry of `include` is added to every combination left whose dimensions it agrees with.
   It may overwrite what an entry before it has added.
3. An entry that can be added to none is a cell of its own, to which no later entry is added.

An `exclude` that excludes nothing is refused, and so is a variable that a dimension hides.
There are at most {most:,} cells; more belongs into inputs.

## Inputs

| Ending | What is in it |
| --- | --- |
| `.csv` | a header, then a row to a line, with commas between; quotes as usual |
| `.jsonl`, `.ndjson` | an object of texts, numbers and flags to a line, or a prompt in quotes |
| `.txt` | a prompt to a line, which becomes the value `{prompt}` |

They are UTF-8.
Empty lines are passed over; a number stays as it is written.

## Steps

A step is a verb and its argument, with more keys beside it or in a table behind the verb.
These two are the same:

```yaml
- click: Vary (Region)
  prompt: a golden crown
- click: {{buttons: Vary (Region), prompt: a golden crown}}
```

Steps run from top to bottom on a *branch*.
A click on several buttons splits the branch, and the rest is done on each.

{steps}

### `modal`

Answer the dialog of the click right above: its `prompt` and `mask`, as a step of its own.

```yaml
- click: Vary (Region)
- modal: a golden crown
  mask: {{rect: [0.3, 0, 0.7, 0.35]}}
```

## Keys that every step has

{every}

Those that start tasks have three more:

{submitting}

## `when`

All that it says must hold, else the step is skipped, and the branch goes on with the next.

{when}

Actions are {actions}.

## `resubmit`

`2`, or `{{times: 2, on: [transient, timeout]}}`.
Causes are {causes}; without `on` they are the first three.
Of the other causes a task would only fail again.

## Masks

`{{rect: [0.3, 0, 0.7, 0.35]}}`; or `ellipse`, `polygon`, `file`, `alpha` or `union` for `rect`.
Beside it may stand `invert`, `feather` and `resized`.
Or a list of such, or one line such as `rect:0.3,0,0.7,0.35`, or the path of a picture.
[Make a mask](../howto/masks.md) says what the numbers mean.

## What may follow what

- A flow begins with {roots}.
- Further down these go on from the branch's picture: one of their pictures is `{current}`.
- Nothing follows a `fork`, and only `download` and `split` follow a `split`.
- `choose` stands below a click that splits the branch.
- `modal` stands right below a click.
- No two steps have one `id`.

## JSON and Python

In JSON all is the same.
In Python, keys are arguments of `Flow`, and steps are mappings or objects of `mjflow.flow`.
There a scorer may be a callable, and a mask a `Mask`.

## In an editor

`mjflow schema` prints the JSON Schema of flows.
[Write a flow](../howto/flows.md#in-an-editor) shows how an editor picks it up.
"""

#: How each step is written.
EXAMPLES: Mapping[str, str] = {
    "imagine": """
        - imagine: "a {animal} in the rain --v 6.1"
          images: [sketch.png]
    """,
    "blend": """
        - blend: [cat.png, "{animal}.png"]
          dimensions: portrait
    """,
    "describe": """
        - describe: photo.png
    """,
    "shorten": """
        - shorten: a long and winding prompt
    """,
    "video": """
        - video: the cat turns its head
          image: current
          motion: high
    """,
    "edits": """
        - edits: a red hat
          image: photo.png
          mask: {rect: [0.3, 0, 0.7, 0.35]}
    """,
    "swap_face": """
        - swap_face: {source: face.png, target: current}
    """,
    "click": """
        - click: [U1, U3]
        - click: Vary (Region)
          prompt: a golden crown
          mask: {rect: [0.3, 0, 0.7, 0.35]}
    """,
    "change": """
        - change: U1
        - change: {action: VARIATION, index: 2}
    """,
    "fork": """
        - fork:
            large:
              - click: U1
              - download
            cells:
              - split
    """,
    "choose": """
        - click: [U1, U2, U3, U4]
        - choose: scorers:sharpest
    """,
    "download": """
        - download: "{animal}/{button}-{id}"
    """,
    "split": """
        - split: "{animal}/{id}-{cell}"
    """,
}


def page() -> str:
    """Return the whole page."""
    return _PAGE.format(
        top=_top(),
        pictures=_listed(FIELDS),
        run=_listed(RUN_FIELDS),
        parts="\n".join(f"- `{name}`: {said}" for name, said in PARTS.items()),
        most=MOST_CELLS,
        prompt=PROMPT,
        steps="\n\n".join(map(_step, FORMS)),
        every=_keys(FORM_OF[Download], _names(Step)),
        submitting=_keys(FORM_OF[Imagine], _names(Submitting) - _names(Step)),
        when="\n".join(f"- `{name}`: {said}" for name, said in _when()),
        actions=", ".join(f"`{action}`" for action in ACTIONS),
        causes=", ".join(f"`{cause.value}`" for cause in CAUSES),
        roots=", ".join(f"`{form.verb}`" for form in FORMS[:7]),
        current=CURRENT,
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{{{name}}}`" for name in names)


def _top() -> str:
    takes = {
        "name": "a text",
        "mode": Word([mode.value for mode in Mode]).takes,
        "vars": "names and texts",
        "matrix": "names and lists of texts",
        "steps": "a list",
    }
    return table(
        ("Key", "Takes", "What for"),
        [(f"`{name}`", takes[name], said) for name, said in TOP.items()],
    )


def _step(form: Form) -> str:
    names = form.keys.keys() - _names(Submitting)
    parts = [f"### `{form.verb}`", summary(form.kind)]
    if form.also:
        parts.append(f"Also written `{'`, `'.join(form.also)}`.")
    parts += [f"```yaml\n{dedent(EXAMPLES[form.verb]).strip()}\n```", _keys(form, names)]
    return "\n\n".join([*parts, *_notes(form)])


def _notes(form: Form) -> Iterator[str]:
    if form.main:
        alone = " It may be left out." if form.bare else ""
        yield f"Behind the verb stands `{form.main}`.{alone}"
    if form.kind in (Download, Split):
        default = form.keys["name"].default
        yield f"Without a name it is `{default}`."
    if form.kind is Click:
        yield "Of buttons that open a dialog, see [Answer a dialog](../howto/dialogs.md)."


def _names(kind: type[Step]) -> set[str]:
    """Return the keys that a class of steps gives to all of its kind."""
    return remarks(kind).keys() - {"place", "spots"}


def _keys(form: Form, names: set[str]) -> str:
    said = remarks(form.kind)
    rows = [
        (f"`{name}`", key.kind.takes, "yes" if key.required else _default(key), said[name])
        for name, key in form.keys.items()
        if name in names
    ]
    return table(("Key", "Takes", "Needed, or else", "What for"), rows)


def _default(key: Key) -> str:
    if isinstance(key.default, str) and key.default:
        return f"`{key.default}`"
    if isinstance(key.default, int) and not isinstance(key.default, bool):
        return str(key.default)
    return ""


def _when() -> Iterator[tuple[str, str]]:
    yield from remarks(When).items()
