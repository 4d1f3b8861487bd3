"""Tenants and their service keys over HTTP."""
