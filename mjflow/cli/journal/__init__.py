"""The journal from a terminal: where it is, and what it tells."""
