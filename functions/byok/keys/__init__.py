"""Provider keys over HTTP: stored, listed, rotated, tested."""
