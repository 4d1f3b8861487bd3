"""Callers without keys: tokens of trusted issuers and roles of the account."""
