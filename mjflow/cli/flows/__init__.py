"""Flows from a terminal: how a run stands, what failed and why, and how to go on."""
