"""When to do things, as arithmetic: no clock, no loop."""
