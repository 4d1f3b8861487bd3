"""Programs that run inside a measured process, some in an alternative's environment; each prints one line of JSON."""
