"""Where a service is reached: as boto3 reads the same environment."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from botocore.session import get_session

from atom_llm.adapters.aws.endpoint import Endpoint, endpoint_of

SERVICES = ("dynamodb", "secretsmanager")
ENVIRONMENTS: list[Mapping[str, str]] = [
    {"AWS_DEFAULT_REGION": "eu-west-1"},
    {"AWS_DEFAULT_REGION": "us-gov-west-1"},
    {"AWS_DEFAULT_REGION": "cn-north-1"},
    {"AWS_DEFAULT_REGION": "eu-central-2", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://one:1",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://two:2",
    },
    {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "https://vpce-1.example/"},
    {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://one:1",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    },
    {"AWS_DEFAULT_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
]


def of_botocore(service: str) -> Endpoint:
    client = get_session().create_client(service, aws_access_key_id="none", aws_secret_access_key="none")
    return Endpoint(f"{client.meta.endpoint_url.rstrip('/')}/", client.meta.region_name)


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: " ".join(each.values()))
def test_an_endpoint_is_the_one_that_botocore_takes(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    given = {**environment, "AWS_CONFIG_FILE": str(tmp_path / "none")}
    assert [endpoint_of(service, given) for service in SERVICES] == [of_botocore(service) for service in SERVICES]


def test_a_file_of_settings_is_read_as_botocore_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-3\nendpoint_url = http://from-a-file:1234\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    assert endpoint_of("dynamodb", {"AWS_CONFIG_FILE": str(file)}) == Endpoint("http://from-a-file:1234/", "eu-west-3")


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://dynamodb.eu-west-1.amazonaws.com/", "dynamodb.eu-west-1.amazonaws.com", "/"),
        ("https://dynamodb.eu-west-1.amazonaws.com:443/", "dynamodb.eu-west-1.amazonaws.com", "/"),
        ("http://127.0.0.1:4566/", "127.0.0.1:4566", "/"),
        ("http://proxy:80/tables/", "proxy", "/tables/"),
    ],
)
def test_the_host_that_is_signed_is_the_one_that_is_sent(url: str, host: str, path: str) -> None:
    assert (Endpoint(url, "eu-west-1").host, Endpoint(url, "eu-west-1").path) == (host, path)
