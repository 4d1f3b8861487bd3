"""Events of a stream that are none of the provider's: each dialect skips them, whatever they are."""

import pytest

from atom_llm.adapters.providers.dialect import MalformedEvent
from atom_llm.adapters.providers.table import DIALECTS
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.providers.exchange import ServerSentEvent, Target

DEEP = "[" * 200_000  # deeper than Python's parser goes


@pytest.mark.parametrize("data", ["", "{", "half a wor", DEEP, '{"type": ' + DEEP], ids=lambda data: data[:10])
@pytest.mark.parametrize("provider", ["openai", "mistral", "anthropic", "google", "cohere"])
def test_what_is_no_json_is_malformed_however_deep_it_is(provider: str, data: str) -> None:
    reader = DIALECTS[provider].reader(Target(PROVIDER_BY_ID[provider], "model"), {"messages": []})
    with pytest.raises(MalformedEvent):
        reader.read(ServerSentEvent("message", data))
