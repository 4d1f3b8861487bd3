"""The settings of a process: its environment, read once, typed, with an error that names the variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

EnvironmentName = Literal["dev", "staging", "prod", "local"]

LITELLM_PRICES_URL: Final = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
OPENROUTER_MODELS_URL: Final = "https://openrouter.ai/api/v1/models"

LEDGER_RETENTION_DAYS: Final = 395  # thirteen months: a month can be compared with the same one a year ago

MAX_DAYS: Final = 3_660  # ten years

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """A variable of the environment is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between deployments and that the code needs to know."""

    environment: EnvironmentName
    keys_table: str
    usage_table: str
    catalogue_table: str
    runtime_table: str
    pepper_secret_id: str
    litellm_prices_url: str = LITELLM_PRICES_URL
    openrouter_models_url: str = OPENROUTER_MODELS_URL
    cors_origins: tuple[str, ...] = ()
    event_source: str = "atom-llm"
    ledger_retention_days: int = LEDGER_RETENTION_DAYS

    @staticmethod
    def from_environment(environ: Mapping[str, str]) -> "Settings":
        """Read the variables `ATOM_…`; raises `SettingsError` naming the first that is missing or wrong."""
        environment = _required(environ, "ATOM_ENVIRONMENT")
        if environment not in get_args(EnvironmentName):
            raise SettingsError(f"ATOM_ENVIRONMENT must be one of {', '.join(get_args(EnvironmentName))}")
        return Settings(
            environment=environment,  # type: ignore[arg-type]  # one of the words, just checked
            keys_table=_required(environ, "ATOM_KEYS_TABLE"),
            usage_table=_required(environ, "ATOM_USAGE_TABLE"),
            catalogue_table=_required(environ, "ATOM_CATALOGUE_TABLE"),
            runtime_table=_required(environ, "ATOM_RUNTIME_TABLE"),
            pepper_secret_id=_required(environ, "ATOM_PEPPER_SECRET_ID"),
            litellm_prices_url=_address(environ, "ATOM_LITELLM_PRICES_URL", LITELLM_PRICES_URL),
            openrouter_models_url=_address(environ, "ATOM_OPENROUTER_MODELS_URL", OPENROUTER_MODELS_URL),
            cors_origins=tuple(
                part.strip() for part in environ.get("ATOM_CORS_ORIGINS", "").split(",") if part.strip()
            ),
            event_source=environ.get("ATOM_EVENT_SOURCE", "").strip() or f"atom-llm.{environment}",
            ledger_retention_days=_days(environ, "ATOM_LEDGER_RETENTION_DAYS", LEDGER_RETENTION_DAYS),
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _days(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= MAX_DAYS:
        raise SettingsError(f"{name} must be a number of days from 1 to {MAX_DAYS}")
    return int(text)


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    """An https address, or http on loopback for tests, mirrors of one machine and offline work."""
    url = environ.get(name, "").strip() or default
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise SettingsError(f"{name} is not a URL") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise SettingsError(f"{name} must be an https URL (or http on this machine)")
    return url
