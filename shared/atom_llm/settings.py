"""The settings of a process: its environment, read once, typed, with an error that names the variable."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import unquote, urlsplit

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.providers import BEDROCK, PROVIDERS, Provider, bedrock_in
from atom_llm.domain.core.public_hosts import is_public_host, private_address_fault
from atom_llm.domain.ledger.told_tags import MOST_VALUES_A_DAY, VALUES_A_DAY
from atom_llm.domain.providers.declared_providers import DeclaredProvider, read_declared
from atom_llm.domain.routing.call_limits import MOST_DEADLINE_S, CallLimits
from atom_llm.domain.routing.chat_request import MAX_OUTPUT
from atom_llm.domain.tenancy.rate_limit import MOST_REQUESTS, MOST_TOKENS, UNLIMITED, RateLimit

EnvironmentName = Literal["dev", "staging", "prod", "local"]
Vault = Literal["secrets-manager", "envelope"]

LITELLM_PRICES_URL: Final = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
OPENROUTER_MODELS_URL: Final = "https://openrouter.ai/api/v1/models"
GENAI_PRICES_URL: Final = "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json"
MODELS_DEV_URL: Final = "https://models.dev/api.json"
ARENA_ROWS_URL: Final = (
    "https://datasets-server.huggingface.co/rows?dataset=lmarena-ai/leaderboard-dataset&config=text&split=latest"
)

LEDGER_RETENTION_DAYS: Final = 395  # thirteen months: a month can be compared with the same one a year ago

MAX_DAYS: Final = 3_660  # ten years

# How providers are reached and have to prove their names, in the variables that every HTTP client reads.
NETWORK_VARIABLES: Final = (
    *(name for spelt in ("http_proxy", "https_proxy", "all_proxy", "no_proxy") for name in (spelt, spelt.upper())),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUEST_METHOD"),
)

_SECRET_NAME: Final = re.compile(r"[\w+=.@-]+(/[\w+=.@-]+)*", re.ASCII)

_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]", re.ASCII)

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
TEST_ENVIRONMENTS: Final = frozenset({"local", "dev"})  # where a provider may be a stand-in on the same machine

# Where this is a host's last part, clients read an address in it (WHATWG, URL, "ends in a number").
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PLAIN_URL: Final = re.compile(
    r"https?://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[\x21-\x5b\x5d-\x7e]*)?", re.IGNORECASE | re.ASCII
)


class SettingsError(Exception):
    """A variable of the environment is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment: everything that differs between deployments and that the code needs to know."""

    environment: EnvironmentName
    keys_table: str
    usage_table: str
    catalogue_table: str
    runtime_table: str
    pepper_secret_id: str
    litellm_prices_url: str = LITELLM_PRICES_URL
    openrouter_models_url: str = OPENROUTER_MODELS_URL
    genai_prices_url: str = GENAI_PRICES_URL
    models_dev_url: str = MODELS_DEV_URL
    arena_rows_url: str = ARENA_ROWS_URL
    cors_origins: tuple[str, ...] = ()
    event_source: str = "atom-llm"
    tenant_secrets_prefix: str = "atom-llm/tenants"
    kms_key_id: str | None = None
    tenant_vault: Vault = "secrets-manager"
    tenant_vault_before: Vault | None = None
    vault_table: str | None = None
    provider_base_urls: Mapping[str, str] = field(default_factory=dict)
    declared_providers: tuple[DeclaredProvider, ...] = ()
    bedrock_region: str | None = None
    is_bedrock_shared: bool = True
    ledger_retention_days: int = LEDGER_RETENTION_DAYS
    tag_values_a_day: int = VALUES_A_DAY
    call_limits: CallLimits = field(default_factory=CallLimits)
    key_limit: RateLimit = UNLIMITED
    provider_limit: RateLimit = UNLIMITED
    network: Mapping[str, str] = field(default_factory=dict)
    otlp_endpoint: str | None = None
    otlp_headers: Mapping[str, str] = field(default_factory=dict)

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
            litellm_prices_url=_address(environ, "ATOM_LITELLM_PRICES_URL", LITELLM_PRICES_URL, environment),
            openrouter_models_url=_address(environ, "ATOM_OPENROUTER_MODELS_URL", OPENROUTER_MODELS_URL, environment),
            genai_prices_url=_address(environ, "ATOM_GENAI_PRICES_URL", GENAI_PRICES_URL, environment),
            models_dev_url=_address(environ, "ATOM_MODELS_DEV_URL", MODELS_DEV_URL, environment),
            arena_rows_url=_address(environ, "ATOM_ARENA_ROWS_URL", ARENA_ROWS_URL, environment),
            cors_origins=tuple(
                part.strip() for part in environ.get("ATOM_CORS_ORIGINS", "").split(",") if part.strip()
            ),
            tenant_secrets_prefix=_prefix(environ, "ATOM_TENANT_SECRETS_PREFIX", f"atom-llm/{environment}/tenants"),
            kms_key_id=environ.get("ATOM_KMS_KEY_ID", "").strip() or None,
            tenant_vault=_vault(environ, "ATOM_TENANT_VAULT") or "secrets-manager",
            tenant_vault_before=_vault(environ, "ATOM_TENANT_VAULT_BEFORE"),
            vault_table=environ.get("ATOM_VAULT_TABLE", "").strip() or None,
            provider_base_urls=_base_urls(environ, "ATOM_PROVIDER_BASE_URLS", environment),
            declared_providers=_declared_providers(environ, "ATOM_DECLARED_PROVIDERS", environment),
            bedrock_region=_region(environ, "ATOM_BEDROCK_REGION"),
            is_bedrock_shared=_truth(environ, "ATOM_BEDROCK_SHARED", usual=True),
            event_source=environ.get("ATOM_EVENT_SOURCE", "").strip() or f"atom-llm.{environment}",
            ledger_retention_days=_count(environ, "ATOM_LEDGER_RETENTION_DAYS", MAX_DAYS) or LEDGER_RETENTION_DAYS,
            tag_values_a_day=_count(environ, "ATOM_TAG_VALUES_A_DAY", MOST_VALUES_A_DAY) or VALUES_A_DAY,
            call_limits=_call_limits(environ),
            key_limit=_limit(environ, "ATOM_KEY"),
            provider_limit=_limit(environ, "ATOM_PROVIDER"),
            network={name: environ[name] for name in NETWORK_VARIABLES if name in environ},
            otlp_endpoint=_collector(environ, "OTEL_EXPORTER_OTLP_ENDPOINT"),
            otlp_headers=_headers(environ, "OTEL_EXPORTER_OTLP_HEADERS"),
        )

    @property
    def more_providers(self) -> tuple[Provider, ...]:
        """The providers that are called beside the published ones."""
        declared = tuple(each.provider for each in self.declared_providers)
        if self.bedrock_region is None:
            return declared
        return (bedrock_in(self.bedrock_region, is_shared=self.is_bedrock_shared), *declared)


def _region(environ: Mapping[str, str], name: str) -> str | None:
    given = environ.get(name, "").strip() or None
    if given is not None and not _REGION.fullmatch(given):
        raise SettingsError(f"{name} must be the name of a region of AWS, such as eu-central-1")
    return given


def _truth(environ: Mapping[str, str], name: str, *, usual: bool) -> bool:
    given = environ.get(name, "").strip()
    if given not in ("", "true", "false"):
        raise SettingsError(f"{name} must be true or false")
    return usual if not given else given == "true"


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _count(environ: Mapping[str, str], name: str, most: int) -> int | None:
    """Read a whole number from 1 to `most`; None where the variable is not set."""
    text = environ.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from 1 to {most:,}")
    return int(text)


def _call_limits(environ: Mapping[str, str]) -> CallLimits:
    """Read seconds as ATOM_DEADLINE_S, ATOM_FIRST_TOKEN_S …, and ATOM_MAX_OUTPUT_TOKENS."""
    usual = CallLimits()
    seconds = {
        field.name: _seconds(environ, f"ATOM_{field.name.upper()}", getattr(usual, field.name))
        for field in fields(CallLimits)
        if field.name.endswith("_s")
    }
    most = _count(environ, "ATOM_MAX_OUTPUT_TOKENS", MAX_OUTPUT) or usual.max_output_tokens
    return CallLimits(**seconds, max_output_tokens=most)


def _limit(environ: Mapping[str, str], name: str) -> RateLimit:
    """Read `…_REQUESTS_PER_MINUTE` and `…_TOKENS_PER_MINUTE`: of each service key, of each tenant at each provider."""
    return RateLimit(
        _count(environ, f"{name}_REQUESTS_PER_MINUTE", MOST_REQUESTS),
        _count(environ, f"{name}_TOKENS_PER_MINUTE", MOST_TOKENS),
    )


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= MOST_DEADLINE_S:
        raise SettingsError(f"{name} must be a number of seconds up to {MOST_DEADLINE_S:g}")
    return float(text)


def _vault(environ: Mapping[str, str], name: str) -> Vault | None:
    """Read where tenants' secrets are; the envelope vault has a table and a key of its own."""
    vault = environ.get(name, "").strip()
    if not vault:
        return None
    if vault not in get_args(Vault):
        raise SettingsError(f"{name} must be one of {', '.join(get_args(Vault))}")
    if vault == "envelope":
        _required(environ, "ATOM_VAULT_TABLE")
        _required(environ, "ATOM_KMS_KEY_ID")
    return vault  # type: ignore[return-value]  # one of the words, just checked


def _prefix(environ: Mapping[str, str], name: str, default: str) -> str:
    prefix = environ.get(name, "").strip() or default
    if not _SECRET_NAME.fullmatch(prefix):
        raise SettingsError(f"{name} must be the beginning of a secret's name, without a slash at its end")
    return prefix


def _base_urls(environ: Mapping[str, str], name: str, environment: str) -> dict[str, str]:
    """Read a JSON object from provider ids to the addresses that are called instead of the published ones.

    Tenants' keys go there, and tenants are told the address: it has no password in it, and it is on this machine only
    where no tenant's real key can be.
    """
    try:
        given = json.loads(environ.get(name, "").strip() or "{}")
    except ValueError:
        raise SettingsError(f"{name} is not JSON") from None
    if not isinstance(given, dict) or not all(isinstance(url, str) for url in given.values()):
        raise SettingsError(f"{name} must be a JSON object of addresses by provider id")
    if unknown := given.keys() - {provider.id for provider in (*PROVIDERS, BEDROCK)}:
        raise SettingsError(f"{name} names no provider of ours: {', '.join(sorted(unknown))}")
    return {provider: _checked(url, f"{name}.{provider}", environment) for provider, url in given.items()}


def _declared_providers(environ: Mapping[str, str], name: str, environment: str) -> tuple[DeclaredProvider, ...]:
    """Read the operator's own providers: a JSON object by id, or the path of a file that holds one.

    An operator's secret stands under `atom-llm/<environment>/providers/…`, which nothing but calls may read.
    """
    given = environ.get(name, "").strip()
    if not given:
        return ()
    if not given.startswith("{"):
        try:
            given = Path(given).read_text()
        except (OSError, ValueError):
            raise SettingsError(f"{name} is neither a JSON object nor a file that can be read") from None

    def address_fault(url: str, is_private: bool) -> str | None:
        if is_private:
            return private_address_fault(url)
        try:
            _checked(url, "", "prod")  # on this machine only where it is said to be private
        except SettingsError as error:
            return f"{error.args[0].strip()}; `private` lets it be on this machine or in your own network"
        return None

    try:
        declared = read_declared(json.loads(given), address_fault)
    except InvalidRequest as error:
        raise SettingsError(f"{name}{f'.{error.field}' if error.field else ''} {error.fault}") from None
    except ValueError:
        raise SettingsError(f"{name} is not JSON") from None
    prefix = f"atom-llm/{environment}/providers/"
    for each in declared:
        if each.secret is not None and not (each.secret.startswith(prefix) and _SECRET_NAME.fullmatch(each.secret)):
            raise SettingsError(f"{name}.{each.provider.id}.secret must be the name of a secret under {prefix}")
    return declared


def _collector(environ: Mapping[str, str], name: str) -> str | None:
    """Read the address of a collector of traces: https, or http where it runs beside the function, as a layer does."""
    url = environ.get(name, "").strip()
    if not url:
        return None
    if (found := _PLAIN_URL.fullmatch(url)) is None:
        raise SettingsError(f"{name} must be an address like https://collector.example.com")
    if not url.lower().startswith("https://") and found["host"].strip("[]") not in LOOPBACK:
        raise SettingsError(f"{name} must be https, or on this machine")
    return url


def _headers(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """Read headers as OpenTelemetry spells them: `name=value` with commas between, values percent-encoded."""
    pairs = [each.partition("=") for each in environ.get(name, "").split(",") if each.strip()]
    if not all(header.strip() and value for header, _, value in pairs):
        raise SettingsError(f"{name} must be name=value, with commas between")
    return {header.strip(): unquote(value.strip()) for header, _, value in pairs}


def _address(environ: Mapping[str, str], name: str, default: str, environment: str) -> str:
    given = environ.get(name, "").strip()
    return _checked(given, name, environment, with_query=True) if given else default


def _checked(url: str, name: str, environment: str, *, with_query: bool = False) -> str:
    """Return an address that is https and public, or on loopback where no tenant's real key can be.

    Its host is judged as the client reads it that sends providers' keys, and has to be spelt so plainly that every
    other client reads the same. What a name resolves to is judged when it is called (`OtherAddresses`).
    """
    try:
        read = urlsplit(url)
        host, _ = (read.hostname or "").lower(), read.port
    except ValueError:
        raise SettingsError(f"{name} is not a URL") from None
    plain = _PLAIN_URL.fullmatch(url)
    if read.scheme not in ("https", "http") or not host:
        raise SettingsError(f"{name} must be an https URL")
    if plain is None or "@" in url or (not with_query and (read.query or read.fragment)):
        raise SettingsError(f"{name} must be a plain address without user, query or fragment")
    if plain["host"].lower().strip("[]") != host or not _is_usual(host):
        raise SettingsError(f"{name} must name its host in the usual spelling")
    if host in LOOPBACK:
        if environment not in TEST_ENVIRONMENTS:
            raise SettingsError(f"{name} must not be on this machine")
    elif read.scheme != "https":
        raise SettingsError(f"{name} must be an https URL")
    elif not is_public_host(host):
        raise SettingsError(f"{name} must not be a private or link-local address")
    return url


def _is_usual(host: str) -> bool:
    """Return whether every client reads the same in a host: a name, or an address as it is written, not `127.1`."""
    if ":" not in host and not _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        return True
    try:
        return str(ip_address(host)) == host
    except ValueError:
        return False
