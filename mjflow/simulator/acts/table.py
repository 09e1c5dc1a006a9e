"""Every submit by the name of its route."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from mjflow.simulator.acts import answers, clicks, films, gates, roots, texts
from mjflow.simulator.faults import Where
from mjflow.simulator.upstream import Answer, Order, Upstream


@frozen
class Act:
    """One kind of submit: what a gateway checks, and what the server behind does."""

    name: str
    path: str
    where: Where
    gate: Callable[[gates.Request], gates.Passage]
    run: Callable[[Upstream, Order], Answer]
    #: A gateway writes the answer anew instead of passing it on, and leaves 22 as it is (P§2.13).
    reencoded: bool = False


def _submit(
    name: str,
    gate: Callable[[gates.Request], gates.Passage],
    run: Callable[[Upstream, Order], Answer],
    where: Where = Where.SUBMITS,
) -> Act:
    return Act(name, f"/submit/{name}", where, gate, run)


_ALL = (
    _submit("imagine", gates.imagine, roots.imagine),
    _submit("blend", gates.plain("BLEND"), roots.blend),
    _submit("describe", gates.plain("DESCRIBE"), texts.describe),
    _submit("shorten", gates.plain("SHORTEN"), texts.shorten),
    _submit("video", gates.video, films.video),
    _submit("edits", gates.plain("EDITS"), roots.edits),
    _submit("edit", gates.plain("EDITS"), roots.edits),
    _submit("retexture", gates.plain("RETEXTURE"), roots.retexture),
    _submit("upload-discord-images", gates.plain("UPLOAD"), roots.upload),
    Act("swap", "/insight-face/swap", Where.SUBMITS, gates.swap, roots.swap, reencoded=True),
    _submit("action", gates.action, clicks.action, Where.CLICKS),
    _submit("change", gates.change, clicks.change, Where.CLICKS),
    _submit("simple-change", gates.simple_change, clicks.simple_change, Where.CLICKS),
    _submit("modal", gates.modal, answers.modal, Where.ANSWERS),
)

ACTS: dict[str, Act] = {act.name: act for act in _ALL}
