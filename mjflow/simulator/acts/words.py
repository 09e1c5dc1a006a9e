"""What several acts refuse, or let fail late."""

from __future__ import annotations

from collections.abc import Iterable

from mjflow.simulator import wire
from mjflow.simulator.fates import BANNED
from mjflow.simulator.profiles import Server
from mjflow.simulator.prompts import banned_word, problem_in
from mjflow.simulator.upstream import Answer, Upstream

BAD_LINK = "[Invalid parameter] Invalid link"


def banned(upstream: Upstream, prompt: str) -> Answer | None:
    """Refuse a prompt with a forbidden word, where the server looks before it accepts."""
    word = None if upstream.profile.bans_late else banned_word(prompt)
    return None if word is None else Answer(wire.banned(prompt, word))


def problem(upstream: Upstream, prompt: str, *, in_zoom_dialog: bool = False) -> str:
    """Give the `failReason` of a prompt that is accepted and fails late, `""` for a good one."""
    if upstream.profile.bans_late and banned_word(prompt):
        return BANNED
    return problem_in(prompt, in_zoom_dialog=in_zoom_dialog)


def misformed(upstream: Upstream, pictures: Iterable[object]) -> bool:
    """Tell whether a server that wants data URLs got something else (P§11.3)."""
    if upstream.profile.server is not Server.NOVICEZK:
        return False
    return not all(str(picture).startswith("data:image/") for picture in pictures if picture)
