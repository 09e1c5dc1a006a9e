"""Hypothesis strategies of what comes over the wire: tasks of three dialects, and junk."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

#: The servers of P§4.1-4.3, by the names of `mjflow.protocol.dialect`.
DIALECTS = ("gateway", "trueai", "novicezk")

Wire = dict[str, Any]

#: P§5.1, and words from nowhere.
statuses = st.sampled_from(
    ("", "NOT_START", "SUBMITTED", "MODAL", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCEL")
) | st.sampled_from(["success", "PAUSED", "DONE", "FAILED"])
#: P§4.4: percents, nothing, and short words from Discord's brackets.
progresses = st.one_of(
    st.integers(0, 100).map("{}%".format),
    st.sampled_from(["", "Waiting to start", "paused", "101%", "57.5%", " 3 % "]),
)
#: P§3.2: 16 to 18 digits with leading zeros; a word, for an id is opaque.
ids = st.one_of(
    st.text("0123456789", min_size=16, max_size=18),
    st.integers(1_600_000_000_000_000, 2**63 - 1).map(str),
    st.sampled_from(["0741798445574458", "14001934816969359", "a-b_c"]),
)
#: Milliseconds between 2001 and 2109.
times = st.integers(10**12, 2**42)
actions = st.sampled_from(["IMAGINE", "UPSCALE", "VARIATION", "ACTION", "MODAL", "CUSTOM_ZOOM"])
#: No lone surrogates: a server that writes UTF-8 cannot send them.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
states = st.one_of(texts, texts.map("mj1.abcdefghijklmnopqrst:{}".format))
links = st.sampled_from(
    [
        "",
        "https://api.example.com/mj/image/1320098173412546?rand=1718000000",
        "http://localhost:3000/mj/image/1320098173412546",
        "https://cdn.example.com/a/b/grid_0.webp",
    ]
)


def nullable(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Add null."""
    return st.none() | strategy


#: P§4.5: everything but the custom id may be missing.
buttons = st.fixed_dictionaries(
    {"customId": st.sampled_from(["MJ::JOB::upsample::1::{u}", "MJ::Inpaint::1::{u}::SOLO"])},
    optional={
        "label": st.sampled_from(["", "U1", "Vary (Region)"]),
        "emoji": st.sampled_from(["", "🔄", "upscale_1"]),
        "type": st.just(2),
        "style": st.sampled_from([2, 3]),
    },
)
pictures = st.fixed_dictionaries(
    {"url": links.filter(bool)}, optional={"thumbnail": nullable(links)}
)

_COMMON: dict[str, st.SearchStrategy[Any]] = {"id": ids, "action": actions, "prompt": texts}

_GATEWAY = {
    **_COMMON,
    "customId": st.just(""),
    "botType": st.just(""),
    "maskBase64": st.just(""),
    "promptEn": texts,
    "description": texts,
    "state": states,
    "submitTime": times,
    "startTime": st.just(0) | times,
    "finishTime": st.just(0) | times,
    "imageUrl": links,
    "status": statuses,
    "progress": progresses,
    "failReason": texts,
    "buttons": nullable(st.lists(buttons, max_size=3)),
    "properties": nullable(st.fixed_dictionaries({"finalPrompt": texts, "finalZhPrompt": texts})),
}
_LATER_GATEWAY = {
    "videoUrl": links,
    "videoUrls": nullable(st.lists(st.fixed_dictionaries({"url": links}), max_size=4)),
    "imageUrls": nullable(st.lists(pictures, max_size=4)),
}
_NOVICEZK = {
    **_COMMON,
    **{
        name: nullable(values)
        for name, values in {
            "promptEn": texts,
            "description": texts,
            "state": states,
            "submitTime": times,
            "startTime": times,
            "finishTime": times,
            "imageUrl": links,
            "status": statuses,
            "progress": progresses,
            "failReason": texts,
        }.items()
    },
}
_NOVICEZK_PROPERTIES = st.fixed_dictionaries(
    {"notifyHook": texts, "finalPrompt": texts, "messageId": ids, "flags": st.integers(0, 64)},
    optional={"finalZhPrompt": texts, "progressMessageId": ids},
)
_TRUEAI = {
    **_NOVICEZK,
    "parentId": nullable(ids),
    "isWhite": nullable(st.booleans()),
    "nonce": nullable(ids),
    "interactionMetadataId": nullable(ids),
    "messageIds": nullable(st.lists(ids, max_size=2)),
    "instanceId": nullable(ids),
    "jobId": nullable(texts),
    "botType": st.sampled_from(["MID_JOURNEY", "NIJI_JOURNEY", "INSIGHT_FACE"]),
    "mode": st.sampled_from([None, "RELAX", "FAST", "TURBO"]),
    "accountFilter": nullable(st.fixed_dictionaries({"modes": st.just(["FAST"])})),
    "version": nullable(st.sampled_from(["v 7", "niji 6"])),
    "isCompleted": st.booleans(),
    "hasAIReviewRetried": nullable(st.booleans()),
    "useTime": st.sampled_from(["12.34 s", "-"]),
    "imageUrls": nullable(st.lists(pictures, max_size=4)),
    "imageHeight": nullable(st.integers(1, 4096)),
    "imageWidth": nullable(st.integers(1, 4096)),
    "size": nullable(st.integers(0, 2**40)),
    "isHdVideo": nullable(st.booleans()),
    "videoUrl": nullable(links),
    "videoUrls": nullable(st.lists(pictures, max_size=4)),
    "videoDuration": nullable(st.integers(0, 30) | st.floats(0, 30)),
    "seed": nullable(st.integers(0, 2**32 - 1).map(str)),
    "isDiscord": nullable(st.booleans()),
    "officialTaskInfo": st.none() | st.just({"state": 3}),
    "buttons": st.lists(buttons, max_size=3),
    "displays": nullable(st.dictionaries(texts, texts, max_size=2)),
    "properties": st.dictionaries(texts, texts, max_size=2),
}
_BY_DIALECT = {
    "gateway": st.fixed_dictionaries(_GATEWAY, optional=_LATER_GATEWAY),
    "trueai": st.fixed_dictionaries(_TRUEAI),
    # 2.3.5 hides `properties` (P§4.2).
    "novicezk": st.fixed_dictionaries(_NOVICEZK, optional={"properties": _NOVICEZK_PROPERTIES}),
}


def wire_tasks(dialect: str) -> st.SearchStrategy[Wire]:
    """Make tasks as a server of this dialect sends them, decoded from JSON (P§4.1-4.3)."""
    return _BY_DIALECT[dialect]


#: Tasks of any dialect.
any_wire_tasks = st.one_of([wire_tasks(dialect) for dialect in DIALECTS])

#: JSON of any kind, with numbers beyond 64 bits.
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@st.composite
def odd_tasks(draw: st.DrawFn) -> Wire:
    """Make tasks some of whose fields, the id included, have any type, or are missing."""
    wire = dict(draw(any_wire_tasks))
    for name in draw(st.lists(st.sampled_from(sorted(wire)), max_size=4)):
        wire[name] = draw(json_values)
    for name in draw(st.lists(st.sampled_from(sorted(wire)), max_size=2)):
        wire.pop(name, None)
    return wire


def body_of(value: object) -> bytes:
    """Write JSON as servers do: compact, UTF-8; lone surrogates stay escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


@st.composite
def cut_bodies(draw: st.DrawFn) -> bytes:
    """Make bodies of tasks cut short, or with a byte turned into another."""
    body = bytearray(body_of(draw(any_wire_tasks)))
    place = draw(st.integers(0, len(body) - 1))
    if draw(st.booleans()):
        return bytes(body[:place])
    body[place] = draw(st.integers(0, 255))
    return bytes(body)


#: Bodies of any kind, most of them no task at all.
junk_bodies = st.one_of(
    st.binary(max_size=40),
    json_values.map(body_of),
    odd_tasks().map(body_of),
    cut_bodies(),
    st.sampled_from(
        [b"", b" \n", b"\xef\xbb\xbf", b"<html>", b" <!DOCTYPE html>", b"null", b"NaN"]
    ),
    st.sampled_from([b'{"id":"1","x":1e999}', b'{"id":"1","x":"\\ud800"}', b"[" * 50_000]),
)
