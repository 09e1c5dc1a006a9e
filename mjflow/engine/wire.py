"""The places on the wire: a few paying requests at once, whatever the number of clients."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from mjflow.engine.gates import Gate
from mjflow.timing.limits import Window

#: Paying requests on the wire at once: what a crash can leave in doubt is never more.
ON_THE_WIRE = 16

#: All clients of an event loop share its places; a loop that is gone is forgotten.
_WIRES: WeakKeyDictionary[asyncio.AbstractEventLoop, Gate] = WeakKeyDictionary()


def wire() -> Gate:
    """Return the gate to the wire of the running event loop."""
    loop = asyncio.get_running_loop()
    gate = _WIRES.get(loop)
    if gate is None:
        gate = _WIRES[loop] = Gate(Window.fixed(ON_THE_WIRE))
    return gate
