"""Raises when imported."""

LIMIT = 1
raise RuntimeError("no database at hand")
