"""What runs inside a measured process: each module prints one line of JSON. Some run in an alternative's environment."""
