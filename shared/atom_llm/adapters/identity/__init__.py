"""The questions to issuers of tokens, and the check of their tokens' signatures."""
