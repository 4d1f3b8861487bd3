"""Callers without keys over HTTP: trusted issuers, and the exchange of their tokens."""
