"""Converse's whole answers as chat completions: what stands beside the text."""

from atom_llm.adapters.providers.anthropic.tools import ANSWER_TOOL
from atom_llm.adapters.providers.bedrock.answer import chat_completion
from atom_llm.domain.core.providers import BEDROCK
from atom_llm.domain.providers.exchange import Json, Target

TARGET = Target(BEDROCK, "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", frozenset(), 32_000)
CITED: Json = {
    "citationsContent": {
        "content": [{"text": "It rains."}],
        "citations": [
            {"title": "Weather", "location": {"web": {"url": "https://example.com/weather"}}},
            {"title": "A file", "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}},
        ],
    }
}


def message_of(*blocks: Json) -> Json:
    content = {"output": {"message": {"role": "assistant", "content": list(blocks)}}, "stopReason": "end_turn"}
    message: Json = chat_completion(TARGET, content).body["choices"][0]["message"]
    return message


def test_a_web_page_is_an_annotation_of_its_text_and_other_sources_stay_as_they_are() -> None:
    message = message_of({"text": "Look: "}, CITED)
    (annotation,) = message["annotations"]
    cited = annotation["url_citation"]
    assert message["content"][cited["start_index"] : cited["end_index"]] == "It rains."
    assert message["citations"] == CITED["citationsContent"]["citations"][1:]


def test_an_answer_by_a_schema_has_no_annotations_of_the_text_that_it_takes_the_place_of() -> None:
    tool = {"toolUse": {"toolUseId": "t", "name": ANSWER_TOOL, "input": {"rains": True}}}
    message = message_of(CITED, tool)
    assert message["content"] == '{"rains": true}'
    assert "annotations" not in message
