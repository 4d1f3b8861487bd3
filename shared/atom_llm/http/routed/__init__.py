"""What the routes that FastAPI resolves have in common. It is loaded with FastAPI: no call by hand waits for it."""
