"""Drills on the money path: races, crashes and faults, short in the tests and in full by `make storm`."""
