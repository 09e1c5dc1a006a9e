"""Servers of one's own."""

from __future__ import annotations

from mjflow.cli.bundles import SIMULATION, Simulation


def simulate(*, simulation: Simulation = SIMULATION) -> int:
    """Serve a simulator, until Ctrl-C: any key is good, and nothing costs.

    Its address is the first line on standard output. Its books, with every charge and refund, are
    at `/_simulator/ledger`.
    """
    from mjflow.cli import run, simulator

    return run.run(lambda report: simulator.serve(report, simulation))
