"""What Converse refuses though every shape is right: rules of its user guide and of the answers that it gives."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from testing.bedrock.service_model import faults


def fault_of(body: Mapping[str, Any], *, is_stream: bool) -> str | None:
    """Return the first thing that a request is refused for; None where it is taken."""
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        return "messages: are missing"
    shape = "ConverseStreamRequest" if is_stream else "ConverseRequest"
    return next(faults(shape, body), None) or next(_of_turns(body), None)


def _of_turns(body: Mapping[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    roles = [message.get("role") for message in messages]
    if roles[0] != "user":
        yield "A conversation must start with a user message."
    if any(one == other for one, other in pairwise(roles)):
        yield "roles must alternate between user and assistant"
    called: set[str] = set()
    names: list[str] = []
    uses_tools = False
    for number, message in enumerate(messages):
        kinds = [next(iter(block), "") for block in message["content"]]
        texts = [block["text"] for block in message["content"] if "text" in block]
        if not message["content"]:
            yield f"messages.{number}.content: is empty"
        if any(not text.strip() for text in texts):
            yield f"messages.{number}: The text field in the ContentBlock object is blank."
        if "document" in kinds and "text" not in kinds:
            yield f"messages.{number}: a document goes with a text block"
        names += [block["document"]["name"] for block in message["content"] if "document" in block]
        results = [block["toolResult"]["toolUseId"] for block in message["content"] if "toolResult" in block]
        uses_tools = uses_tools or bool(results) or "toolUse" in kinds
        if set(results) != called:
            yield f"messages.{number}: Expected toolResult blocks for {sorted(called)}, got {sorted(results)}"
        if results and kinds[: len(results)].count("toolResult") + kinds.count("cachePoint") < len(results):
            yield f"messages.{number}: toolResult blocks come first"
        called = {block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block}
    if called:
        yield "the last message calls a tool without a result"
    if len(names) != len(set(names)):
        yield "two documents have one name"
    if uses_tools and "toolConfig" not in body:
        yield "The toolConfig field must be defined when using toolUse and toolResult content blocks."
    named = {each["toolSpec"]["name"] for each in body.get("toolConfig", {}).get("tools", ()) if "toolSpec" in each}
    wanted = body.get("toolConfig", {}).get("toolChoice", {}).get("tool", {}).get("name")
    if wanted is not None and wanted not in named:
        yield f"toolChoice: there is no tool {wanted}"
