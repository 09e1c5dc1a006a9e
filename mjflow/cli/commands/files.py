"""Picture files on their way to a server, and grids cut into four."""

from __future__ import annotations

from mjflow.cli import journal_options, options
from mjflow.cli.bundles import NO_SANDBOX, SERVER_AS_SET, Keeping, Sandbox, Server


def upload(
    *image: options.Uploads,
    server: Server = SERVER_AS_SET,
    extra: options.Extra = (),
    journal: journal_options.Journal = None,
    again: journal_options.Again = False,
    sandbox: Sandbox = NO_SANDBOX,
    json: options.Json = False,
) -> int:
    """Store pictures at the server for a fee, and print one link per line.

    A link in front of a prompt makes its picture one to go by. What was uploaded before is not
    sent again: its links are printed, free of charge.
    """
    from mjflow.cli import run, uploads

    load = uploads.Load(images=image, extra=extra, again=again)
    return run.run(
        lambda report: uploads.upload(report, load, server, Keeping(journal=journal), sandbox),
        json=json,
    )


def split(
    source: options.Split,
    /,
    *,
    out: options.MaybeOut = None,
    name: options.CellName = None,
    server: Server = SERVER_AS_SET,
    json: options.Json = False,
) -> int:
    """Cut a grid into its four pictures, free of charge.

    They have the resolution of a preview: U1 to U4 make larger ones, for money.
    """
    from mjflow.cli import run, splits

    return run.run(lambda report: splits.split(report, source, out, name, server), json=json)
