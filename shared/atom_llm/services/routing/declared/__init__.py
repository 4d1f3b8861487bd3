"""Tenants as a document declares them: what would change, and the change."""
