"""Flows: lists of steps, planned, and run over many inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mjflow.cli import flow_options, journal_options, options
from mjflow.cli.bundles import (
    NO_LIMITS,
    NO_MATERIAL,
    NO_SANDBOX,
    SERVER_AS_SET,
    TERMS,
    Keeping,
    Limits,
    Material,
    Sandbox,
    Server,
    Terms,
)
from mjflow.cli.options import DEFAULT_OUT

if TYPE_CHECKING:
    from mjflow.cli.report import Report


def run(
    flow: flow_options.FlowFile,
    /,
    *,
    material: Material = NO_MATERIAL,
    run: flow_options.RunName = None,
    limits: Limits = NO_LIMITS,
    resubmit_in_doubt: flow_options.ResubmitInDoubt = False,
    out: options.Out = DEFAULT_OUT,
    terms: Terms = TERMS,
    journal: journal_options.Journal = None,
    sandbox: Sandbox = NO_SANDBOX,
    json: options.Json = False,
) -> int:
    """Run a flow over all its items, and save their pictures.

    It is planned first, and refused if something in it cannot work. Ctrl-C stops it: what is on
    the wire is waited for, and the last line says how to resume it. Nothing is paid twice.
    """
    from mjflow.cli.flows import night, work
    from mjflow.cli.run import run as carry_out

    order = work.Order(
        flow=flow,
        material=material,
        name=run,
        limits=limits,
        resubmit_in_doubt=resubmit_in_doubt,
        out=out,
    )
    office = night.Office(terms, Keeping(journal=journal), sandbox, json=json)
    return carry_out(lambda report: work.run(report, order, office), json=json)


def resume(
    run: flow_options.Run,
    /,
    *,
    limits: Limits = NO_LIMITS,
    resubmit_in_doubt: flow_options.ResubmitInDoubt = False,
    out: options.MaybeOut = None,
    terms: Terms = TERMS,
    journal: journal_options.Journal = None,
    json: options.Json = False,
) -> int:
    """Go on with a run that was stopped or has crashed: all it needs is in the journal.

    What has ended is not asked for again, and what still runs at the server is picked up.
    """
    from mjflow.cli.flows import night, work
    from mjflow.cli.run import run as carry_out

    order = work.Order(name=run, limits=limits, resubmit_in_doubt=resubmit_in_doubt, out=out)
    office = night.Office(terms, Keeping(journal=journal), NO_SANDBOX, json=json)
    return carry_out(lambda report: work.resume(report, order, office), json=json)


def schema() -> int:
    """Print the JSON Schema of flows, for editors that complete and check YAML by it."""
    from mjflow.cli.run import run as carry_out
    from mjflow.flow.language.schema import text

    async def print_it(report: Report) -> None:
        for line in text().splitlines():
            report.data(line)

    return carry_out(print_it)


def plan(
    flow: flow_options.FlowFile,
    /,
    *,
    material: Material = NO_MATERIAL,
    run: flow_options.EarlierRun = "",
    limits: Limits = NO_LIMITS,
    mode: options.SpeedMode = None,
    server: Server = SERVER_AS_SET,
    journal: journal_options.Journal = None,
    json: options.Json = False,
) -> int:
    """Say what a flow will do and cost, and what is wrong with it, before anything is paid.

    No server is asked, and no key is needed.
    """
    from mjflow.cli.flows import foresight
    from mjflow.cli.run import run as carry_out

    proposal = foresight.Proposal(
        flow=flow, material=material, limits=limits, mode=mode, server=server, run=run
    )
    return carry_out(lambda report: foresight.show(report, proposal, journal), json=json)
