"""Budgets and holds over HTTP."""
