"""`simulate`: a simulator for other processes, until somebody stops it."""

from __future__ import annotations

import asyncio

from mjflow.cli.bundles import Simulation
from mjflow.cli.report import Report
from mjflow.cli.sandbox import read_faults
from mjflow.cli.words import number
from mjflow.errors import InvalidInput, MjflowError
from mjflow.simulator import Simulator

#: Seconds between a client's looks, in the simulator's own time: the gateway dialect's.
_LOOK = 5.0


async def serve(report: Report, simulation: Simulation) -> None:
    """
    Serve until cancelled; the address goes to standard output, the rest is talk.

    Raises:
        InvalidInput: A setting is out of range, a fault is unknown, or Pillow is missing.
        MjflowError: The port is taken.
    """
    simulator = _made(simulation)
    try:
        await simulator.start()
    except OSError as error:
        raise MjflowError(
            f"can't listen at {simulator.base_url}: {error.strerror}",
            advice="Choose another --port, or leave it out to take a free one.",
        ) from error
    try:
        report.data(simulator.base_url)
        for line in _welcome(simulator, simulation.profile):
            report.say(line)
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        books = simulator.ledger
        report.say(
            f"Stopped after {number(len(books.charges), 'charge')} "
            f"and {number(len(books.refunds), 'refund')}."
        )
    finally:
        await simulator.aclose()


def _made(simulation: Simulation) -> Simulator:
    if not 0 <= simulation.port <= 65535:
        raise InvalidInput(f"--port is {simulation.port}; it must be from 0 to 65535")
    faults = read_faults(simulation.fault, simulation.profile)
    try:
        return Simulator(
            profile=simulation.profile,
            port=simulation.port,
            speed=simulation.speed,
            seed=simulation.seed,
            faults=faults,
            remix=simulation.remix,
        )
    except (ValueError, ModuleNotFoundError) as error:
        raise InvalidInput(str(error)) from error


def _welcome(simulator: Simulator, profile: str) -> list[str]:
    url, speed = simulator.base_url, simulator.speed
    interval = f"{max(0.1, _LOOK / speed):.2g}"
    return [
        f"A simulated {profile}, {speed:g} times faster than a real one. Any key is good, or none.",
        "In another terminal:",
        f"  export MJFLOW_BASE_URL={url} MJFLOW_POLL_INTERVAL={interval}",
        '  mjflow imagine "a cute cat --v 6.1" --click U2',
        f"Charges and refunds: curl {url}/_simulator/ledger",
        "Ctrl-C stops it.",
    ]
