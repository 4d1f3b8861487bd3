"""Budgets beyond a calendar window of their own: rolling ones, what is carried over, and pools."""
