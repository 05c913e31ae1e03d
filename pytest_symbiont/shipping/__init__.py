"""Evolved functions as a package of their own: `pytest-symbiont export`."""
