"""The commands: what can be typed and what `--help` says; the work is done elsewhere."""
