"""
Every fault, as data: its name, what it strikes, where it can happen, and what it does.

A fault strikes at an *occasion*: a submit, a click, the answer to a dialog, a look, a picture, a
webhook, or the moment at which a task is accepted and its fate decided.  The marks behind the
texts say which line of the simulator checklist (P§12) or which section a fault comes from.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen


class Where(Enum):
    """What a fault strikes."""

    SUBMITS = "submits"
    CLICKS = "clicks"
    ANSWERS = "answers"
    LOOKS = "looks"
    TASKS = "tasks"
    IMAGES = "images"
    HOOKS = "hooks"


#: Everything that may cost money.
PAYING = (Where.SUBMITS, Where.CLICKS, Where.ANSWERS)
REQUESTS = (*PAYING, Where.LOOKS)

ALL = ("gateway", "trueai", "novicezk")
GATEWAY = ("gateway",)
DIRECT = ("trueai", "novicezk")
DIALOGS = ("gateway", "trueai")


@frozen
class Kind:
    """One entry of the catalogue."""

    #: What it does, in one line.
    text: str
    #: The occasions at which it may strike.
    strikes: tuple[Where, ...]
    #: The profiles in which it can happen; elsewhere it never strikes.
    profiles: tuple[str, ...] = ALL
    #: The facts it stands for.
    facts: str = ""

    @property
    def occasions(self) -> tuple[Where, ...]:
        """When its dice are thrown: the fate of a task is decided when it is accepted."""
        return PAYING if self.strikes == (Where.TASKS,) else self.strikes


def _any(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"any request: {text}", REQUESTS, profiles, facts)


def _paying(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a submit: {text}", PAYING, profiles, facts)


def _click(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a click: {text}", (Where.CLICKS,), profiles, facts)


def _look(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a look: {text}", (Where.LOOKS,), profiles, facts)


def _task(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a task: {text}", (Where.TASKS,), profiles, facts)


def _image(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a picture: {text}", (Where.IMAGES,), profiles, facts)


def _hook(text: str, profiles: tuple[str, ...] = ALL, facts: str = "") -> Kind:
    return Kind(f"a webhook: {text}", (Where.HOOKS,), profiles, facts)


#: Keys and whole answers, before anything happened.
_REFUSALS: dict[str, Kind] = {
    "expired-key": _any("401, the key has expired", facts="P§8.2"),
    "refuses-bearer": _any("401 if the key comes as `Bearer`", facts="P§12.15"),
    "refuses-raw-key": _any("401 if the key comes bare in `Authorization`", facts="P§12.15"),
    "refuses-secret": _any("401 if the key comes as `mj-api-secret`", facts="P§12.15"),
    "rate-limited": _any("HTTP 429 with an empty body, and nothing done", facts="P§8.3"),
    "shape-a": _any("503 of shape A, no channel for the model", GATEWAY, "P§12.8"),
    "shape-b": _any("400 of shape B, `get_channel_info_failed`", GATEWAY, "P§12.8"),
    "shape-c": _paying("an error of the server behind, passed on: code 9", facts="P§12.8"),
    "shape-d": _any("HTTP 200 with a web page, as for a path that is not routed", facts="P§12.8"),
    "shape-e": _any("HTTP 502 with an empty body, and nothing done", facts="P§12.8"),
    "shape-f": _any("502, 504 or 520 to 526 with a front proxy's page", facts="P§12.8"),
    "http-502": _paying("HTTP 502 with a web page; nothing was accepted", facts="P§12.8"),
    "html-200": _paying("HTTP 200 with the dashboard; nothing was accepted", facts="P§12.8"),
    "minus-one": _paying("HTTP 200 with code -1, too many at once", DIALOGS, "P§12.8"),
    "minus-one-quota": _paying("HTTP 200 with code -1, quota of the day", DIALOGS, "P§8.3"),
    "minus-one-blocked": _paying("HTTP 200 with code -1, blocked for a while", DIALOGS, "P§8.3"),
    "no-account": Kind("a submit: code 3, no account is usable", (Where.SUBMITS,), ALL, "P§3.3"),
    "queue-full": _paying("the queue is full, in the server's own way", facts="P§12.7"),
    "queue-full-23": _paying("code 23, the queue is full", facts="P§12.7"),
    "queue-full-9": _paying("code 9, the queue is full", facts="P§12.7"),
    "queue-full-429": _paying("HTTP 429 with code 30, the group is saturated", GATEWAY, "P§12.7"),
    "banned-24": _paying("code 24, a word of the prompt is banned", facts="P§12.7"),
    "code-5-without-task": _paying(
        "code 5, `do_request_failed`; the request never arrived behind", GATEWAY, "P§12.9"
    ),
}

#: What is peculiar to buttons and dialogs.
_CLICKS: dict[str, Kind] = {
    "refuses-custom-ids": _click(
        "`unknown_action` for animate, PicReader and the like", GATEWAY, "P§12.14"
    ),
    "index-required": _click(
        "a REROLL by `change` without an index is code 4, as at a gateway", ("novicezk",), "P§12.14"
    ),
    "stale-buttons": _click(
        "the parent's buttons have other ids by now: that of the pressed one is code 4",
        DIALOGS,
        "P§2.5",
    ),
    "remix-off": _click("`enableRemix` is code 4, the account has remix off", DIALOGS, "P§5.3"),
    "duplicate-21": _click("a button pressed before is code 21 with the first id", facts="P§3.4"),
    "rewrite-off": _paying("codes 21 and 22 come as they are", GATEWAY, "P§12.4"),
    "rewrite-on": _paying("codes 21 and 22 come as 1, as behind a gateway", DIRECT, "P§12.4"),
    "modal-new-id": Kind(
        "an answer: starts a task with an id of its own; the first one stays MODAL",
        (Where.ANSWERS,),
        DIALOGS,
        "P§12.5",
    ),
    "modal-stays-stale": Kind(
        "an answer: is taken, but the task shows MODAL until it has ended",
        (Where.ANSWERS,),
        DIALOGS,
        "P§12.5",
    ),
}

#: After the task was accepted: the client may not learn of it.
_REPLIES: dict[str, Kind] = {
    "lost-reply": _paying(
        "accepted and paid, then the connection breaks without an answer", facts="P§12.9"
    ),
    "timeout-after-accept": _paying(
        "accepted and paid, then five minutes of silence", facts="P§12.9"
    ),
    "cut-reply": _paying("accepted and paid, and half of the answer arrives", facts="P§12.9"),
    "do-request-failed": _paying(
        "accepted behind, unpaid and unknown at the gateway; code 5", GATEWAY, "P§12.9"
    ),
    "code-5-with-task": _paying(
        "accepted behind, its answer unreadable to the gateway; unpaid, code 5", GATEWAY, "P§12.9"
    ),
    "empty-200": _paying("accepted behind, then HTTP 200 with an empty body", facts="P§12.8"),
    "insert-failed": _paying(
        "accepted and paid, but the gateway could not store its id", GATEWAY, "P§12.9"
    ),
    "result-as-integer": _paying("the id comes as a JSON integer", facts="P§12.3"),
}

#: Reads.
_LOOKS: dict[str, Kind] = {
    "server-error": _look("HTTP 500 with the server's own error", facts="P§8"),
    "cut-body": Kind(
        "a look or a picture: the body ends before its Content-Length",
        (Where.LOOKS, Where.IMAGES),
    ),
    "unknown-as-400": _look("an unknown id is answered with 400 of shape B", facts="P§12.6"),
    "unknown-as-empty": _look("an unknown id is answered with an empty 200", facts="P§12.6"),
    "unknown-as-204": _look("an unknown id is answered with 204", facts="P§12.6"),
    "unread-rows": _look(
        'status "", `buttons` and `properties` null, times 0, until the task ended', facts="P§12.1"
    ),
    "status-unknown": _look("a running task has a status nobody knows", facts="P§4.4"),
    "two-rows": _look(
        "a list shows an answered dialog twice, the first time still MODAL", ("trueai",), "P§12.5"
    ),
    "rows-shuffled": _look("a list comes in another order", facts="P§2.16"),
    "rows-repeated": _look("a list names every task twice", facts="P§2.16"),
    "progress-null": _look("`progress` is null", facts="P§12.11"),
    "progress-empty": _look('`progress` is ""', facts="P§12.11"),
    "progress-words": _look("`progress` is a word in brackets", facts="P§12.11"),
    "progress-backwards": _look("a running task shows less than before", facts="P§12.11"),
    "failure-100": _look("a failed task shows 100%", facts="P§12.11"),
    "rand-links": _look("the picture's link is another one each time", facts="P§12.12"),
    "localhost-links": _look("the picture's link leads to localhost:3000", GATEWAY, "P§12.12"),
    "preview-early": _look("there is a link before there is a picture", facts="P§12.12"),
}

#: What becomes of a task.
_TASKS: dict[str, Kind] = {
    "fails": _task("ends in FAILURE with a reason that may pass", facts="P§8.5"),
    "fails-silently": _task('ends in FAILURE with `failReason` ""', facts="P§8.5"),
    "banned-late": _task("is accepted, then fails for a banned word", facts="P§12.7"),
    "fails-5-minutes": _task("hangs and fails five minutes after its start", facts="P§12.13"),
    "fails-1-hour": _task("hangs and fails, refunded, an hour after the submit", facts="P§12.13"),
    "never-ends": _task("runs for ever, and nobody gives it up", facts="P§12.13"),
    "forgets": _task("is no longer known ten seconds later", facts="P§5.2"),
    "slow-refresh": _task(
        "the gateway looks at it only at every fourth refresh", GATEWAY, "P§12.2"
    ),
    "jumps-to-success": _task("shows nothing until it has ended", facts="P§12.2"),
    "result-leading-zero": _task("its id begins with a zero", facts="P§12.3"),
    "result-17-digits": _task("its id has 17 digits, more than a double holds", facts="P§12.3"),
    "links-expire": _task("its links are good for half a minute after a look", facts="P§4.4"),
    "drops-hooks": _task("its `notifyHook` is dropped", DIRECT, "P§12.10"),
    "drops-filters": _task("its `accountFilter` is dropped", ("trueai",), "P§12.10"),
}

#: Pictures and webhooks.
_REST: dict[str, Kind] = {
    "image-404": _image("HTTP 404"),
    "image-html": _image("HTTP 200 with a web page"),
    "image-cut": _image("the connection breaks in its middle"),
    "image-slow": _image("comes after 20 s of silence"),
    "hook-lost": _hook("is not sent", facts="P§12.10"),
    "hook-twice": _hook("is sent twice", facts="P§12.10"),
    "hook-reordered": _hook("is sent after the one that follows it", facts="P§12.10"),
    "hook-end-twice": _hook("of the end is sent again after half a minute", facts="P§12.10"),
}

#: Every fault by its name.
CATALOGUE: dict[str, Kind] = _REFUSALS | _CLICKS | _REPLIES | _LOOKS | _TASKS | _REST

#: Every fault by its name, with what it does.
FAULTS: dict[str, str] = {name: kind.text for name, kind in CATALOGUE.items()}
