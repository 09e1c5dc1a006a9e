"""`python -m mjflow` is the same as `mjflow`."""

from __future__ import annotations

import sys

from mjflow.cli import main

if __name__ == "__main__":
    sys.exit(main())
