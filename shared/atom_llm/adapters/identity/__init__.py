"""What is asked of issuers of tokens, and how their tokens are verified."""
