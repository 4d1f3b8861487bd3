"""Credentials: the environment's first, then botocore's chain, which asks late and asks again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atom_llm.adapters.aws.credentials import CredentialsMissing, credential_source
from atom_llm.adapters.aws.signature import Credentials
from testing.fakes.loopback import LoopbackHandler, on_loopback


class ContainerHost:
    """Hands out credentials as a restored Lambda's own address does; each answer is of the next ones."""

    def __init__(self) -> None:
        self.answers = 0
        self.seen: list[str | None] = []


class _Handler(LoopbackHandler):
    def get(self) -> None:
        self.origin.answers += 1
        self.origin.seen.append(self.headers["Authorization"])
        ends = datetime.now(UTC) + timedelta(minutes=1 if self.origin.answers == 1 else 60)
        keys = {"AccessKeyId": f"key-{self.origin.answers}", "SecretAccessKey": "secret", "Token": "session"}
        body = json.dumps({**keys, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def host() -> Iterator[tuple[str, ContainerHost]]:
    origin = ContainerHost()
    with on_loopback(_Handler, origin) as url:
        yield url, origin


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def test_a_lambdas_environment_has_them_with_the_token() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    assert credential_source(environment)() == Credentials("id", "secret", "token")


def test_keys_without_a_session_have_no_token() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": ""}
    assert credential_source(environment)().token is None


def test_a_restored_lambda_asks_its_host_late_with_the_token_of_a_file_and_again_before_they_expire(
    host: tuple[str, ContainerHost], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, origin = host
    token = tmp_path / "token"
    token.write_text("of the file")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(token))
    source = credential_source({})
    assert origin.answers == 0
    token.write_text("of the file, renewed")
    assert source() == Credentials("key-2", "secret", "session")  # the first ones expire in a minute
    assert source() == Credentials("key-2", "secret", "session")
    assert origin.seen == ["of the file, renewed"] * 2


def test_a_file_of_credentials_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = id\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    assert credential_source({})() == Credentials("id", "secret")


def test_without_any_the_error_says_so() -> None:
    with pytest.raises(CredentialsMissing, match="no provider has any"):
        credential_source({})()
