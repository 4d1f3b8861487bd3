"""Usage and calls over HTTP: sums, rows, proofs, repricing."""
