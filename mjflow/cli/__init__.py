"""The command line: `mjflow`, or `python -m mjflow`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command and return its exit code.

    Args:
        arguments: What was typed after `mjflow`; `None` takes this process's own.
    """
    try:
        from mjflow.cli.parse import dispatch
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "mjflow":
            raise
        sys.stderr.write(
            f"error: the command line needs the package {package!r}, which is missing\n"
            "Install it with: pip install 'mjflow[cli]'\n"
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return dispatch(sys.argv[1:] if arguments is None else arguments)
