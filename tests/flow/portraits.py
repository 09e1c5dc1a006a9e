"""A flow of several kinds of step, as text and as steps."""

from __future__ import annotations

from mjflow.flow import Click, Download, Imagine

PORTRAITS = """\
name: portraits
mode: fast                       # relax | fast | turbo
matrix:
  animal: [cat, dog]
steps:
  - imagine: "a {animal} in the rain --v 6.1"
  - click: [U1, U3]                                   # two branches, the same rest for both
  - click: Vary (Region)
    prompt: a golden crown
    mask: {rect: [0.3, 0.0, 0.7, 0.35]}               # gives a new grid
  - click: U1
  - click: Upscale (Subtle)
  - download: "{animal}/{button}-{id}"
"""
STEPS = (
    Imagine(prompt="a {animal} in the rain --v 6.1"),
    Click(buttons=("U1", "U3")),
    Click(buttons=("Vary (Region)",), prompt="a golden crown", mask="rect:0.3,0.0,0.7,0.35"),
    Click(buttons=("U1",)),
    Click(buttons=("Upscale (Subtle)",)),
    Download(name="{animal}/{button}-{id}"),
)
