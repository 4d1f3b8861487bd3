"""Budgets set and read; what calls hold and spend of them."""
