"""Settings: a deployment that lacks something says what."""

import json
from dataclasses import replace

import pytest

from atom_llm.settings import ARENA_ROWS_URL, LITELLM_PRICES_URL, OPENROUTER_MODELS_URL, Settings, SettingsError

ENVIRON = {
    "ATOM_ENVIRONMENT": "dev",
    "ATOM_KEYS_TABLE": "keys",
    "ATOM_USAGE_TABLE": "usage",
    "ATOM_CATALOGUE_TABLE": "catalogue",
    "ATOM_RUNTIME_TABLE": "runtime",
    "ATOM_PEPPER_SECRET_ID": "pepper",
}


def test_what_may_be_left_out_has_its_published_default() -> None:
    read = Settings.from_environment(ENVIRON)
    bare = Settings("dev", "keys", "usage", "catalogue", "runtime", "pepper")
    assert read == replace(bare, event_source="atom-llm.dev", tenant_secrets_prefix="atom-llm/dev/tenants")
    assert (read.kms_key_id, read.provider_base_urls, read.ledger_retention_days) == (None, {}, 395)
    assert (read.litellm_prices_url, read.openrouter_models_url) == (LITELLM_PRICES_URL, OPENROUTER_MODELS_URL)
    assert (read.arena_rows_url, read.cors_origins) == (ARENA_ROWS_URL, ())


@pytest.mark.parametrize("name", ENVIRON)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    environ = {**ENVIRON, name: value or ""}
    if value is None:
        del environ[name]
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(environ)


def test_an_environment_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="ATOM_ENVIRONMENT must be one of dev, staging, prod, local"):
        Settings.from_environment({**ENVIRON, "ATOM_ENVIRONMENT": "production"})


@pytest.mark.parametrize(
    "name",
    [
        "ATOM_LITELLM_PRICES_URL",
        "ATOM_OPENROUTER_MODELS_URL",
        "ATOM_GENAI_PRICES_URL",
        "ATOM_MODELS_DEV_URL",
        "ATOM_ARENA_ROWS_URL",
    ],
)
@pytest.mark.parametrize("url", ["http://example.com/x", "ftp://example.com", "example.com", "https://", "http://["])
def test_a_source_that_is_not_https_is_refused_by_name(name: str, url: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**ENVIRON, name: url})


@pytest.mark.parametrize("url", ["https://mirror.example/prices.json", "http://127.0.0.1:9/p", "http://localhost/p"])
def test_a_mirror_and_a_server_of_this_machine_are_taken(url: str) -> None:
    assert Settings.from_environment({**ENVIRON, "ATOM_LITELLM_PRICES_URL": url}).litellm_prices_url == url


def test_origins_are_a_list_with_commas() -> None:
    environ = {**ENVIRON, "ATOM_CORS_ORIGINS": "https://a.example, https://b.example,"}
    assert Settings.from_environment(environ).cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("days", ["0", "-1", "4000", "1.5", "many"])
def test_a_retention_that_cannot_be_is_refused_by_name(days: str) -> None:
    with pytest.raises(SettingsError, match="ATOM_LEDGER_RETENTION_DAYS"):
        Settings.from_environment({**ENVIRON, "ATOM_LEDGER_RETENTION_DAYS": days})


@pytest.mark.parametrize("prefix", ["/atom", "atom/", "a b", "a//b", "a*"])
def test_a_prefix_that_no_secret_can_have_is_refused_by_name(prefix: str) -> None:
    with pytest.raises(SettingsError, match="ATOM_TENANT_SECRETS_PREFIX"):
        Settings.from_environment({**ENVIRON, "ATOM_TENANT_SECRETS_PREFIX": prefix})


@pytest.mark.parametrize(
    "given",
    [
        "not json",
        "[]",
        '{"openai": 7}',
        '{"nobody": "https://example.com"}',
        '{"openai": "http://example.com"}',
        '{"openai": "https://10.0.0.1/v1"}',
        '{"openai": "https://169.254.169.254/latest"}',
        '{"openai": "https://[fd00::1]/v1"}',
        '{"openai": "file:///etc/passwd"}',
    ],
)
def test_a_providers_address_that_must_not_be_called_is_refused_by_name(given: str) -> None:
    with pytest.raises(SettingsError, match="ATOM_PROVIDER_BASE_URLS"):
        Settings.from_environment({**ENVIRON, "ATOM_PROVIDER_BASE_URLS": given})


def test_a_provider_can_have_another_address_by_the_environment() -> None:
    urls = {"openai": "https://eu.api.openai.com/v1", "groq": "http://127.0.0.1:9000/openai/v1"}
    assert (
        Settings.from_environment({**ENVIRON, "ATOM_PROVIDER_BASE_URLS": json.dumps(urls)}).provider_base_urls == urls
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/v1", "http://localhost/v1", "https://localhost/v1"])
@pytest.mark.parametrize(
    ("environment", "is_taken"), [("local", True), ("dev", True), ("staging", False), ("prod", False)]
)
def test_a_provider_is_on_this_machine_only_where_no_real_key_is(url: str, environment: str, is_taken: bool) -> None:
    environ = {**ENVIRON, "ATOM_ENVIRONMENT": environment, "ATOM_PROVIDER_BASE_URLS": json.dumps({"openai": url})}
    if is_taken:
        assert Settings.from_environment(environ).provider_base_urls == {"openai": url}
        return
    with pytest.raises(SettingsError, match=r"ATOM_PROVIDER_BASE_URLS\.openai must not be on this machine"):
        Settings.from_environment(environ)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@example.com/v1",
        "https://example.com/v1?key=secret",
        "https://example.com/v1#secret",
        "https://example.com:notaport/v1",
        "https://2130706433/v1",
        "https://0x7f000001/v1",
        "https://127.1/v1",
        "https://10.0.0.1./v1",
        "https://[::ffff:10.0.0.1]/v1",
        "https://0.0.0.0/v1",
    ],
)
def test_a_providers_address_hides_neither_a_password_nor_a_private_host(url: str) -> None:
    environ = {**ENVIRON, "ATOM_PROVIDER_BASE_URLS": json.dumps({"openai": url})}
    with pytest.raises(SettingsError, match=r"ATOM_PROVIDER_BASE_URLS\.openai") as refused:
        Settings.from_environment(environ)
    assert "secret" not in str(refused.value)
