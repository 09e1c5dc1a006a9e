"""Submits that build on no task: prompts and pictures."""

from __future__ import annotations

from mjflow.simulator import wire
from mjflow.simulator.acts.films import film
from mjflow.simulator.acts.words import BAD_LINK, banned, misformed, problem
from mjflow.simulator.buttons import Stage
from mjflow.simulator.profiles import Server
from mjflow.simulator.prompts import DEFAULT_VERSION, Params
from mjflow.simulator.tasks import Task
from mjflow.simulator.uploads import Material, Use, materials
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import rejected

# Width for each unit of height, P§2.7.
DIMENSIONS = {"PORTRAIT": 2 / 3, "SQUARE": 1.0, "LANDSCAPE": 3 / 2}


def imagine(upstream: Upstream, order: Order) -> Answer:
    """Draw a prompt, P§2.2."""
    prompt = order.text("prompt")
    if not prompt:
        return Answer(rejected(4, "prompt不能为空"))
    if answer := banned(upstream, prompt):
        return answer
    sent = [order.body.get("base64"), *order.texts("base64Array")]
    if misformed(upstream, sent):
        return Answer(rejected(4, "base64格式错误"))
    return upstream.start(_drawn(upstream, order, prompt, upstream.pictures(sent)), order.now)


def _drawn(upstream: Upstream, order: Order, prompt: str, sent: tuple[Material, ...]) -> Task:
    params = Params.of(prompt)
    if _is_trueai(upstream) and "video" in params.given:
        # What says `--video` is a video, whatever route it came by (P§2.2).
        return film(upstream, order, "VIDEO", prompt, sent)
    if sent and _is_trueai(upstream):
        # The links of the pictures stand before the prompt, and are shown with it (P§4.3).
        links = [upstream.kept(picture, order.origin) for picture in sent]
        prompt = " ".join([*links, prompt])
    task = upstream.root(order, "IMAGINE", prompt, params.aspect or 1.0, params.version)
    task.materials = sent
    task.failure = problem(upstream, prompt)
    if not all(picture.whole for picture in sent):
        task.failure = BAD_LINK
    return task


def blend(upstream: Upstream, order: Order) -> Answer:
    """Draw a mixture of two to five pictures, P§2.7."""
    sent = order.texts("base64Array")
    if not 2 <= len(sent) <= 5:
        return Answer(rejected(4, "base64List参数错误"))
    wanted = order.body.get("dimensions", "SQUARE")
    if not isinstance(wanted, str) or wanted not in DIMENSIONS:
        return Answer(rejected(4, "dimensions参数错误"))
    if misformed(upstream, sent):
        return Answer(rejected(4, "base64格式错误"))
    task = upstream.root(order, "BLEND", "", DIMENSIONS[wanted], DEFAULT_VERSION)
    task.use = Use.BLEND
    return _with_pictures(upstream, order, task, upstream.pictures(sent))


def edits(upstream: Upstream, order: Order) -> Answer:
    """Paint the transparent part of a picture anew, P§2.11."""
    return _edited(upstream, order, "EDIT" if _is_trueai(upstream) else "EDITS", Use.EDIT)


def retexture(upstream: Upstream, order: Order) -> Answer:
    """Paint a whole picture anew, P§2.11."""
    return _edited(upstream, order, "RETEXTURE", Use.RETEXTURE)


def _edited(upstream: Upstream, order: Order, action: str, use: Use) -> Answer:
    prompt, image = order.text("prompt"), order.text("image")
    if not prompt:
        return Answer(rejected(4, "prompt不能为空"))
    if not image:
        return Answer(rejected(4, "image不能为空"))
    if answer := banned(upstream, prompt):
        return answer
    params = Params.of(prompt)
    sent = upstream.pictures([image, order.text("maskBase64")])
    aspect = params.aspect or sent[0].aspect or 1.0
    task = upstream.root(order, action, prompt, aspect, params.version)
    task.use, task.failure = use, problem(upstream, prompt)
    return _with_pictures(upstream, order, task, sent)


def swap(upstream: Upstream, order: Order) -> Answer:
    """Put the face of one picture into another, P§2.13."""
    source = order.text("sourceBase64") or order.text("sourceUrl")
    target = order.text("targetBase64") or order.text("targetUrl")
    if not source or not target:
        return Answer(rejected(4, "参数错误"))
    if source == target:
        return Answer(rejected(4, "源图片和目标图片不能相同"))
    sent = upstream.pictures([source, target])
    task = upstream.root(order, "SWAP_FACE", "", sent[1].aspect or 1.0, "", Stage.SWAPPED)
    task.use, task.bot = Use.SWAP, "INSIGHT_FACE"
    return _with_pictures(upstream, order, task, sent)


def _with_pictures(
    upstream: Upstream, order: Order, task: Task, sent: tuple[Material, ...]
) -> Answer:
    task.materials = sent
    if not all(picture.whole for picture in sent):
        task.failure = BAD_LINK
    return upstream.start(task, order.now)


def upload(upstream: Upstream, order: Order) -> Answer:
    """Keep pictures and give their links; no task is made, P§2.12."""
    sent = materials(order.texts("base64Array"))
    if not sent:
        return Answer(rejected(4, "base64 参数错误"))
    if not all(picture.whole for picture in sent):
        return Answer(rejected(4, "base64格式错误"))
    links = [upstream.kept(picture, order.origin) for picture in sent]
    return Answer(wire.done(links), uploads=sent)


def _is_trueai(upstream: Upstream) -> bool:
    return upstream.profile.server is Server.TRUEAI
