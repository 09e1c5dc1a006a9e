"""
The chain of `flow` as one writes it without mjflow: dicts, and the steps in the code.

It keeps what is needed to go on and to tell what came of it, and can do nothing else: no other
flow, no failure, no key that outlives an edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Branch = dict[str, Any]
Command = dict[str, Any]

_TASK = {"id": "1768464763141701", "action": "IMAGINE", "buttons": []}
_FILE = {"path": "a.png", "size": 1_000, "sha256": "ab"}
#: Buttons of each branch after its first, and what is said with them.
_CLICKS: tuple[Command, ...] = (
    {"button": "Vary (Region)", "prompt": "a crown", "mask": "rect:0.3,0,0.7,0.35"},
    {"button": "U1"},
    {"button": "Upscale (Subtle)"},
)


def begun(values: Mapping[str, str]) -> object:
    """Begin with an item, its first task being out."""
    item: dict[str, Any] = {"values": dict(values), "branches": [], "open": {}}
    command = {"act": "imagine", "prompt": "a {animal} in the rain".format(**values)}
    item["open"]["imagine"] = {"at": -1, "tasks": [], "files": [], "command": command}
    return item


def through(values: Mapping[str, str]) -> object:
    """Go through a whole item and return what came of it."""
    item: Any = begun(values)
    while item["open"]:
        for key in list(item["open"]):
            _apply(item, key)
    return item["branches"]


def _apply(item: dict[str, Any], key: str) -> None:
    branch = item["open"].pop(key)
    if branch["command"]["act"] == "download":
        branch["files"].append(_FILE)
        item["branches"].append(branch)
        return
    branch["tasks"].append(_TASK)
    if branch["at"] == -1:
        for button in ("U1", "U3"):
            twig = {**branch, "at": 0, "tasks": list(branch["tasks"]), "files": []}
            _click(item, twig, {"button": button}, key)
    elif branch["at"] <= len(_CLICKS):
        _click(item, branch, _CLICKS[branch["at"] - 1], key)
    else:
        name = "{animal}/".format(**item["values"]) + "{button}-{id}"
        branch["command"] = {"act": "download", "parent": key, "name": name}
        item["open"][f"{key}/download"] = branch


def _click(item: dict[str, Any], branch: Branch, click: Command, key: str) -> None:
    branch["at"] += 1
    branch["command"] = {"act": "click", "parent": key, **click}
    item["open"][f"{key}/{click['button']}"] = branch
