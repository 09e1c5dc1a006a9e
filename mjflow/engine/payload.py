"""What an intent's payload says: the request, and how it was sent; written, and read back."""

from __future__ import annotations

import msgspec
from attrs import evolve, frozen

from mjflow.engine.act import Act, Classic, Click, Options
from mjflow.protocol import codec
from mjflow.protocol.buttons import canonical, label_of
from mjflow.protocol.requests import Action, Change, Mode, Submit
from mjflow.protocol.task import Button
from mjflow.protocol.token import unwrap


class _Payload(msgspec.Struct):
    """The request as it left, beside what its body does not say."""

    path: str
    mode: Mode | None
    body: msgspec.Raw


@frozen
class Asked:
    """One request that a journal knows."""

    #: As it is to be sent: without a state.
    request: Submit
    #: The caller's own state.
    state: str
    mode: Mode | None

    @property
    def button(self) -> Button | None:
        """The button that was pressed, by its id and what usually stands on it."""
        if not isinstance(self.request, Action):
            return None
        custom_id = self.request.custom_id
        return Button(custom_id=custom_id, label=label_of(canonical(Button(custom_id=custom_id))))

    def act(self, options: Options) -> Act:
        """Make an act that asks for the same, with the rest of its options as given."""
        options = evolve(options, mode=self.mode)
        match self.request:
            case Action() as click:
                name = self.button.label if self.button else ""
                what: Click | Classic = Click(button=name, enable_remix=click.enable_remix)
            case Change() as click:
                what = Classic(action=click.action, index=click.index)
            case root:
                return Act(what=root, options=options, state=self.state)
        return Act(
            what=what,
            options=options,
            state=self.state,
            notify_hook=click.notify_hook,
            extra=click.extra,
        )


def payload_of(request: Submit, mode: Mode | None) -> bytes:
    """
    Write a request down.

    Raises:
        InvalidInput: It cannot be written as JSON, nor sent.
    """
    body = msgspec.Raw(codec.encode(request))
    return msgspec.json.encode(_Payload(request.route.path, mode, body))


def asked(payload: bytes) -> Asked | None:
    """Read a request back; `None` for what is no request for a task."""
    try:
        written = msgspec.json.decode(payload, type=_Payload)
        request = codec.decode(written.path, bytes(written.body))
    except (msgspec.DecodeError, TypeError):
        return None
    if request is None:
        return None
    _, state = unwrap(request.state)
    return Asked(evolve(request, state=""), state, written.mode)
