"""Clients made by well-known generators from our document, and ten operations called with each."""
