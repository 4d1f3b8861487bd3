"""Telling tenants what changed prices mean for their own calls."""
