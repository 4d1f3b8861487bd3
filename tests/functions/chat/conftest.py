"""Schemathesis, for this folder alone: importing it takes a second, and its plugin would do so in every process."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Load the plugin that collects what `schema.parametrize()` makes."""
    config.pluginmanager.import_plugin("schemathesis.pytest.plugin")
