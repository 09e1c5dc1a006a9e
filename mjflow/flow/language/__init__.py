"""How flows are written: YAML, JSON and Python, read into steps."""
