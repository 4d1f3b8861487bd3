"""Gateways side by side: the same fast upstream, the same load, each in an environment and a process of its own."""
