"""One deployment for all tests of functions under their runtime client."""

import sys
from collections.abc import Iterator

import pytest

from testing.lambda_runtime.account import Account, deployed_account


@pytest.fixture(scope="session")
def account(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The data stack on the emulator, and the functions of the service stack, which nothing calls but the tests."""
    if sys.platform != "linux":
        pytest.skip("AWS builds its runtime client for Linux only")
    with deployed_account(emulator, tmp_path_factory.mktemp("account")) as deployed:
        yield deployed
