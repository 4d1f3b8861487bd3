"""The layer's code: what every function of the service shares."""

from typing import Final

__version__: Final = "0.1.0"
"""The service's version, written here alone: functions run without pyproject.toml, which reads it from here."""
