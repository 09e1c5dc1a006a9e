"""What mjflow costs, beside what a user would write without it (see README.md)."""

from pathlib import Path

#: Where `python -m benchmarks...` is understood.
ROOT = Path(__file__).parents[1]
