"""What an operator declares is read whole, or refused by a sentence that names the field."""

import json
from pathlib import Path
from typing import Any

import pytest

from atom_llm.domain.core.providers import MOST_DECLARED
from atom_llm.settings import Settings, SettingsError
from tests.unit.edge.test_settings import ENVIRON

MODEL = {"price": "free"}
SERVER = {"base_url": "https://inference.example.com/v1", "auth": "none", "models": {"m": MODEL}}


def read(given: object, **environ: str) -> Settings:
    text = given if isinstance(given, str) else json.dumps(given)
    return Settings.from_environment({**ENVIRON, **environ, "ATOM_DECLARED_PROVIDERS": text})


def with_model(**fields: Any) -> dict[str, Any]:
    return {"mine": {**SERVER, "models": {"m": {**MODEL, **fields}}}}


def test_a_declared_server_is_a_provider_with_rows() -> None:
    [declared] = read({"mine": {**SERVER, "name": "Ours"}}).declared_providers
    assert (declared.provider.display_name, declared.provider.access) == ("Ours", "open")
    assert [(row.id, row.mode, row.source) for row in declared.rows] == [("mine/m", "chat", "declared")]


def test_it_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "providers.json").write_text(json.dumps({"mine": SERVER}))
    assert len(read(str(tmp_path / "providers.json")).declared_providers) == 1


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000/v1", "http://10.0.3.7:8000/v1", "http://vllm:8000/v1", "https://vllm.internal/v1"],
)
def test_a_private_address_is_taken_only_where_the_operator_says_so(address: str) -> None:
    server = {**SERVER, "base_url": address}
    with pytest.raises(SettingsError, match=r"ATOM_DECLARED_PROVIDERS\.mine\.base_url"):
        read({"mine": server})
    [declared] = read({"mine": {**server, "private": True}}).declared_providers
    assert declared.is_private


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "http://169.254.170.2/v2",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/",
        "http://user@vllm/",
        "http://vllm/?x=1",
        "ftp://vllm/",
        "http://127.1/",
    ],
)
def test_what_a_machine_tells_about_itself_is_never_an_address(address: str) -> None:
    with pytest.raises(SettingsError, match=r"ATOM_DECLARED_PROVIDERS\.mine\.base_url"):
        read({"mine": {**SERVER, "base_url": address, "private": True}})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("{", " is not JSON"),
        ("/no/such/file", " is neither"),
        ({f"p{number}": SERVER for number in range(MOST_DECLARED + 1)}, " has more than"),
        ({"openai": SERVER}, r"\.openai is the name"),
        ({"bedrock": SERVER}, r"\.bedrock is the name"),
        ({"Mine": SERVER}, r"\.Mine must be"),
        ({"mine": []}, r"\.mine must be an object"),
        ({"mine": {**SERVER, "adress": "x"}}, r"\.mine\.adress is no field"),
        ({"mine": {**SERVER, "base_url": "http://inference.example.com"}}, r"\.mine\.base_url must be an https"),
        ({"mine": {**SERVER, "base_url": 5}}, r"\.mine\.base_url must be an address"),
        ({"mine": {**SERVER, "auth": "key"}}, r"\.mine\.auth must be one of none, tenant, operator"),
        ({"mine": {**SERVER, "auth": "operator"}}, r"\.mine\.secret must be"),
        ({"mine": {**SERVER, "auth": "operator", "secret": "other/secret"}}, r"\.mine\.secret must be .* under"),
        ({"mine": {**SERVER, "secret": "atom-llm/dev/providers/x"}}, r"\.mine\.secret is only"),
        ({"mine": {**SERVER, "private": "yes"}}, r"\.mine\.private must be"),
        ({"mine": {**SERVER, "output_limit": "max"}}, r"\.mine\.output_limit must be"),
        ({"mine": {**SERVER, "models": {}}}, r"\.mine\.models must be"),
        ({"mine": {**SERVER, "models": {"a b": MODEL}}}, r"\.mine\.models\.a b is no name"),
        ({"mine": {**SERVER, "models": {"m": {}}}}, r"\.mine\.models\.m\.price must be"),
        (with_model(mode="image"), r"\.mine\.models\.m\.mode must be"),
        (with_model(capabilities=["flying"]), r"\.mine\.models\.m\.capabilities has flying"),
        (with_model(max_output_tokens=0), r"\.mine\.models\.m\.max_output_tokens must be"),
        (
            with_model(price={"input_cost_per_token": "1"}),
            r"\.mine\.models\.m\.price\.output_cost_per_token is missing",
        ),
        (
            with_model(price={"input_cost_per_token": 1, "output_cost_per_token": "1"}),
            r"\.mine\.models\.m\.price\.input_cost_per_token",
        ),
        (
            with_model(price={"input_cost_per_token": "-1", "output_cost_per_token": "1"}),
            r"\.mine\.models\.m\.price\.input_cost_per",
        ),
        (
            with_model(price={"input_cost_per_token": "1", "output_cost_per_token": "1", "outptu_cost": "1"}),
            r"\.mine\.models\.m\.price\.outptu_cost is the name of no rate",
        ),
        ({"mine": {**SERVER, "api": "soap"}}, r"\.mine\.api must be one of"),
        ({"mine": {**SERVER, "api": "azure"}}, r"\.mine\.base_url must end as azure's"),
        (
            {"mine": {**SERVER, "api": "azure", "base_url": "https://x.openai.azure.com/openai/v1"}},
            r"\.mine\.auth must be one of tenant, operator",
        ),
        ({"mine": {**SERVER, "api": "vertex"}}, r"\.mine\.base_url must end as vertex's"),
        (with_model(price_of="azure/x"), r"\.mine\..*\.price_of stands in place"),
        ({"mine": {**SERVER, "models": {"m": {"price_of": 7}}}}, r"\.mine\..*\.price_of must be the id"),
    ],
)
def test_a_fault_fails_the_start_and_names_its_field(given: object, field: str) -> None:
    with pytest.raises(SettingsError, match=f"^ATOM_DECLARED_PROVIDERS{field}"):
        read(given)


def test_bedrock_is_called_where_a_region_is_set_and_nowhere_else() -> None:
    assert read("").more_providers == ()
    [shared] = read("", ATOM_BEDROCK_REGION="eu-central-1").more_providers
    assert (shared.base_url, shared.access) == ("https://bedrock-runtime.eu-central-1.amazonaws.com", "either")
    [own] = read("", ATOM_BEDROCK_REGION="us-gov-west-1", ATOM_BEDROCK_SHARED="false").more_providers
    assert own.access == "tenant"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ATOM_BEDROCK_REGION", "Frankfurt"),
        ("ATOM_BEDROCK_REGION", "eu-central-1/../x"),
        ("ATOM_BEDROCK_SHARED", "perhaps"),
    ],
)
def test_a_setting_of_bedrock_that_cannot_be_is_refused_by_its_name(name: str, given: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be"):
        read("", **{name: given})
