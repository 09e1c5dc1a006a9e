"""The life of one attempt at a paid task, as a table (design: one automaton)."""
