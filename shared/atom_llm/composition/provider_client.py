"""The providers' HTTP client, imported in the thread that starts the process."""

from importlib import import_module


def load_provider_client() -> None:
    """Import the client; a function that calls providers does so at its start.

    A process ends with a fault of memory when the thread that was the first to import pyreqwest (0.15) has ended and
    the client is used again, and routes that are no coroutines run in threads that end.
    """
    import_module("atom_llm.adapters.providers.http")
