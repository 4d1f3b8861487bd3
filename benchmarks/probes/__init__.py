"""What runs inside a measured process: each prints one line of JSON; some run in an alternative's environment."""
