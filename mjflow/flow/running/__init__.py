"""Flows carried out: items taken through the engine, in one life or several."""
