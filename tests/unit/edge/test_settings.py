"""Settings: a deployment that lacks something says what."""

import json
from dataclasses import replace

import httpx
import pytest

from atom_llm.adapters.network.origin import located
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


def test_a_source_is_on_this_machine_only_where_a_provider_may_be() -> None:
    environ = {**ENVIRON, "ATOM_ENVIRONMENT": "prod", "ATOM_MODELS_DEV_URL": "http://127.0.0.1:9/p"}
    with pytest.raises(SettingsError, match="ATOM_MODELS_DEV_URL must not be on this machine"):
        Settings.from_environment(environ)


@pytest.mark.parametrize(
    "url", ["https://mirror.example/p.json?a=b", "http://127.0.0.1:9/p", "http://localhost/p", "http://[::1]/p"]
)
def test_a_mirror_and_a_server_of_this_machine_are_taken(url: str) -> None:
    assert Settings.from_environment({**ENVIRON, "ATOM_LITELLM_PRICES_URL": url}).litellm_prices_url == url


def test_origins_are_a_list_with_commas() -> None:
    environ = {**ENVIRON, "ATOM_CORS_ORIGINS": "https://a.example, https://b.example,"}
    assert Settings.from_environment(environ).cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("days", ["0", "-1", "4000", "1.5", "many"])
def test_a_retention_that_cannot_be_is_refused_by_name(days: str) -> None:
    with pytest.raises(SettingsError, match="ATOM_LEDGER_RETENTION_DAYS"):
        Settings.from_environment({**ENVIRON, "ATOM_LEDGER_RETENTION_DAYS": days})


@pytest.mark.parametrize(("given", "values"), [("", 1_000), ("1", 1), ("5000", 5_000)])
def test_values_of_a_tag_are_bounded_by_the_setting(given: str, values: int) -> None:
    assert Settings.from_environment({**ENVIRON, "ATOM_TAG_VALUES_A_DAY": given}).tag_values_a_day == values


@pytest.mark.parametrize("given", ["0", "-1", "5001", "1.5", "many"])
def test_a_bound_of_tags_that_no_set_can_have_is_refused_by_name(given: str) -> None:
    with pytest.raises(SettingsError, match="ATOM_TAG_VALUES_A_DAY"):
        Settings.from_environment({**ENVIRON, "ATOM_TAG_VALUES_A_DAY": given})


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


# Harmless spellings of this machine, of private networks, and of what two clients read differently.
ODD_HOSTS = [
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.1",
    "0x7f.1",
    "127.0.0.2",
    "127.0.0.1.",
    "１２７.0.0.1",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "0.0.0.0",  # noqa: S104  # it is refused
    "0",
    "127.0x1",
    "0x7f.1",
    "8.8.0x808",
    "10.0.0.1.",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:7f00:1]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[fd00::1]",
    "[ff02::1]",
    "localhost.",
    "LOCALHOST.localdomain",
    "ⓛocalhost",
    "api.localhost",
    "printer.local",
    "metadata.google.internal",
    "ip-10-0-0-1.ec2.internal",
    "router.home.arpa",
    "intranet",
    "example.com\\@127.1",
    "example.com@127.0.0.1",
    "exa\tmple.com",
    "example.com\n",
    "bücher.example",
    "example..com",
    "",
]


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("scheme", ["https://", "https:", "https:\\\\", "HTTPS:/", " https://", "http://"])
@pytest.mark.parametrize("host", ODD_HOSTS)
def test_no_spelling_of_a_local_host_is_a_provider_s_address(host: str, scheme: str, environment: str) -> None:
    given = json.dumps({"openai": f"{scheme}{host}/v1"})
    with pytest.raises(SettingsError, match=r"ATOM_PROVIDER_BASE_URLS\.openai") as refused:
        Settings.from_environment({**ENVIRON, "ATOM_ENVIRONMENT": environment, "ATOM_PROVIDER_BASE_URLS": given})
    assert not host or host not in str(refused.value)


@pytest.mark.parametrize("url", ["https://EU.api.openai.com/v1", "https://[2606:4700::1]:8443/v1/", "https://1.1.1.1"])
def test_both_clients_read_the_same_host_in_an_address_that_is_taken(url: str) -> None:
    environ = {**ENVIRON, "ATOM_ENVIRONMENT": "prod", "ATOM_PROVIDER_BASE_URLS": json.dumps({"openai": url})}
    taken = Settings.from_environment(environ).provider_base_urls["openai"]
    assert httpx.URL(taken).host == located(taken)[0].host


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


@pytest.mark.parametrize("name", ["ATOM_TENANT_VAULT", "ATOM_TENANT_VAULT_BEFORE"])
def test_a_vault_that_there_is_not_is_refused_and_the_envelope_one_needs_its_table_and_its_key(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be one of secrets-manager, envelope"):
        Settings.from_environment({**ENVIRON, name: "drawer"})
    given = {**ENVIRON, name: "envelope", "ATOM_VAULT_TABLE": "vault", "ATOM_KMS_KEY_ID": "key"}
    assert Settings.from_environment(given).vault_table == "vault"
    for needed in ("ATOM_VAULT_TABLE", "ATOM_KMS_KEY_ID"):
        with pytest.raises(SettingsError, match=needed):
            Settings.from_environment({**given, needed: ""})


def test_without_a_word_tenants_keys_are_in_secrets_manager() -> None:
    assert (Settings.from_environment(ENVIRON).tenant_vault, Settings.from_environment(ENVIRON).vault_table) == (
        "secrets-manager",
        None,
    )


@pytest.mark.parametrize(
    "url", ["https://collector.example.com", "http://localhost:4318", "http://127.0.0.1:4318/otlp"]
)
def test_spans_go_to_a_collector_over_https_or_on_this_machine(url: str) -> None:
    environ = {**ENVIRON, "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%2Cb, x=1"}
    read = Settings.from_environment(environ)
    assert (read.otlp_endpoint, read.otlp_headers) == (url, {"api-key": "a,b", "x": "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example.com"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "=x"),
    ],
)
def test_a_collector_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**ENVIRON, name: value})
