"""Pages of the reference that are made from the code: `python -m mjflow._pages docs/reference`."""
