"""Texts in headers: HTTP hands their bytes on as Latin-1, and most clients write UTF-8."""

import pytest

from atom_llm.domain.core.header_text import header_text


@pytest.mark.parametrize("text", ["plain", "Süd", "部署", "🌍", ""])
def test_what_was_written_as_utf_8_is_that_again(text: str) -> None:
    assert header_text(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("text", ["Süd", "é", "部署", "\udcff"])
def test_what_is_no_utf_8_stays_as_it_was_handed_on(text: str) -> None:
    assert header_text(text) == text
