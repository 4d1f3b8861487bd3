"""Callers of the byok function that have no keys."""
