"""The items of a conversation with the Responses API as OpenAI's messages and parts.

Items: `platform.openai.com/docs/api-reference/responses/create`, `input`.
"""

from collections.abc import Mapping
from typing import Any, Final

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.providers.exchange import Json
from functions.chat.openai_responses.sealed import unsealed
from functions.chat.openai_responses.tools import call_arguments, function_name
from functions.chat.reading import Findings, kind_at, list_at, name_at, object_at, one_of_at, text_at
from functions.chat.signatures import GOOGLE, signed_again

ROLES: Final = ("user", "assistant", "system", "developer")
_DETAILS: Final = ("auto", "low", "high")
_BY_ID: Final = "OpenAI alone looks items up by their ids; send them whole, as clients do with store: false"
_OF_EACH: Final = frozenset({"id", "type", "status"})  # which say nothing to a model
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "message": _OF_EACH | {"role", "content", "phase"},
    "reasoning": _OF_EACH | {"summary", "content", "encrypted_content"},
    "function_call": _OF_EACH | {"call_id", "name", "namespace", "arguments", "caller"},
    "custom_tool_call": _OF_EACH | {"call_id", "name", "namespace", "input", "caller"},
    "function_call_output": _OF_EACH | {"call_id", "name", "namespace", "output", "caller"},
    "custom_tool_call_output": _OF_EACH | {"call_id", "name", "namespace", "output", "caller"},
    "additional_tools": _OF_EACH | {"role", "tools"},
}


class ItemReader:
    """The messages that the items read so far become, and the tools that they add.

    What a model said between two turns of its caller is one message: its thoughts, its text and its calls.
    """

    def __init__(self, found: Findings) -> None:
        self.messages: list[Json] = []
        self.tools: list[Any] = []
        self._found = found
        self._answer: Json | None = None
        self._signatures: list[object] = []  # Google's, of that answer
        self._shown: list[Json] = []  # what OpenAI's tool messages cannot show of results: pictures and files

    def read(self, item: object, where: str) -> None:
        """Add an item; raises `InvalidRequest` naming the field."""
        given = object_at(item, where)
        kind = given.get("type")
        if kind is None:
            kind = "message" if "role" in given else kind_at(given, where)
        if not isinstance(kind, str) or kind not in _FIELDS:
            why = _BY_ID if kind == "item_reference" else f"an item of the type {str(kind)[:60]} is OpenAI's own"
            self._found.beyond.setdefault(where, why)
            return
        for name in sorted(given.keys() - _FIELDS[kind]):
            self._found.lose(f"input.{name}")
        match kind:
            case "message":
                self._message(given, where)
            case "reasoning":
                self._reasoning(given, where)
            case "function_call":
                self._call(given, text_at(given.get("arguments"), f"{where}.arguments"), where)
            case "custom_tool_call":
                self._call(given, call_arguments(text_at(given.get("input"), f"{where}.input")), where)
            case "additional_tools":
                self.tools += list_at(given.get("tools"), f"{where}.tools")
            case _:
                self._result(given, where)

    def end(self) -> list[Json]:
        """Return all messages."""
        self._end_answer()
        self._show()
        return self.messages

    def _message(self, given: Json, where: str) -> None:
        role = one_of_at(given.get("role"), f"{where}.role", ROLES)
        content = given.get("content")
        if not isinstance(content, str | list):
            raise InvalidRequest(f"{where}.content", "must be a text or a list of parts")
        if role == "assistant":
            self._show()
            answer = self._begun_answer()
            said = content if isinstance(content, str) else _said(content, f"{where}.content")
            answer["content"] = "\n\n".join(text for text in (answer["content"], said) if text)
            return
        self._end_answer()
        self._show()
        if isinstance(content, str):
            self.messages.append({"role": role, "content": content})
            return
        parts = [self._part(part, f"{where}.content.{place}") for place, part in enumerate(content)]
        self.messages.append({"role": role, "content": _plain([part for part in parts if part is not None])})

    def _reasoning(self, given: Json, where: str) -> None:
        content = given.get("encrypted_content")
        thoughts: Json | None = None
        if content is not None:
            thoughts = unsealed(text_at(content, f"{where}.encrypted_content"), f"{where}.encrypted_content")
            if thoughts is None:
                self._found.lose("input.encrypted_content")
        if thoughts is None:
            thoughts = {"reasoning_content": "\n".join(_thoughts(given, where))}
        self._show()
        answer = self._begun_answer()
        self._signatures.append(thoughts.get(GOOGLE))
        if thoughts.get("thinking_blocks"):
            answer["thinking_blocks"] = [*answer.get("thinking_blocks", []), *thoughts["thinking_blocks"]]
        if thoughts.get("reasoning_content"):
            told = (answer.get("reasoning_content"), thoughts["reasoning_content"])
            answer["reasoning_content"] = "\n".join(text for text in told if text)

    def _call(self, given: Json, arguments: str, where: str) -> None:
        self._show()
        function = {"name": _name(given, where), "arguments": arguments}
        identity = name_at(given.get("call_id"), f"{where}.call_id")
        call = {"id": identity, "type": "function", "function": function}
        self._begun_answer().setdefault("tool_calls", []).append(call)

    def _result(self, given: Json, where: str) -> None:
        self._end_answer()
        output = given.get("output")
        told: list[str] = []
        if isinstance(output, str):
            told.append(output)
        else:
            for place, part in enumerate(list_at(output, f"{where}.output")):
                read = self._part(part, f"{where}.output.{place}")
                if read is not None and read["type"] == "text":
                    told.append(read["text"])
                elif read is not None:
                    self._shown.append(read)
        identity = name_at(given.get("call_id"), f"{where}.call_id")
        self.messages.append({"role": "tool", "tool_call_id": identity, "content": "\n".join(told)})

    def _part(self, part: object, where: str) -> Json | None:
        given = object_at(part, where)
        if "prompt_cache_breakpoint" in given:
            self._found.lose("input.content.prompt_cache_breakpoint")
        match kind := kind_at(given, where):
            case "input_text" | "output_text" | "text":
                return {"type": "text", "text": text_at(given.get("text"), f"{where}.text")}
            case "refusal":
                return {"type": "text", "text": text_at(given.get("refusal"), f"{where}.refusal")}
            case "input_image":
                return self._image(given, where)
            case "input_file":
                return self._file(given, where)
            case "input_audio":
                self._found.needs.setdefault("audio_input", where)
                return {"type": kind, kind: object_at(given.get(kind), f"{where}.{kind}")}
            case _:
                self._found.beyond.setdefault(where, f"a part of the type {kind[:60]} is OpenAI's own")
                return None

    def _image(self, given: Json, where: str) -> Json | None:
        self._found.needs.setdefault("vision", where)
        if given.get("image_url") is None and given.get("file_id") is not None:
            self._found.beyond.setdefault(f"{where}.file_id", "a picture by its id is OpenAI's to open")
            return None
        picture: Json = {"url": name_at(given.get("image_url"), f"{where}.image_url")}
        detail = given.get("detail")
        if detail in _DETAILS:
            picture["detail"] = detail
        elif detail is not None:
            self._found.lose("input.content.detail")
        return {"type": "image_url", "image_url": picture}

    def _file(self, given: Json, where: str) -> Json | None:
        self._found.needs.setdefault("pdf_input", where)
        for name, why in (("file_id", "a file by its id"), ("file_url", "a file at an address")):
            if given.get(name) is not None and given.get("file_data") is None:
                self._found.beyond.setdefault(f"{where}.{name}", f"{why} is OpenAI's to open")
                return None
        data = name_at(given.get("file_data"), f"{where}.file_data")
        named = given.get("filename")
        shown = "document.pdf" if named is None else text_at(named, f"{where}.filename")
        return {"type": "file", "file": {"filename": shown, "file_data": data}}

    def _begun_answer(self) -> Json:
        if self._answer is None:
            self._answer = {"role": "assistant", "content": ""}
        return self._answer

    def _end_answer(self) -> None:
        answer, self._answer = self._answer, None
        signatures, self._signatures = self._signatures, []
        if answer is None:
            return
        signed_again(answer, signatures)
        if answer.get("tool_calls"):
            answer["content"] = answer["content"] or None
        elif not answer["content"]:  # thoughts that led to nothing, which no provider takes
            self._found.lose("input.reasoning")
            return
        self.messages.append(answer)

    def _show(self) -> None:
        """Show what results had beside texts, in a turn behind the last of them."""
        if self._shown:
            self.messages.append({"role": "user", "content": self._shown})
            self._shown = []


def _name(given: Json, where: str) -> str:
    namespace = given.get("namespace")
    inside = None if namespace is None else text_at(namespace, f"{where}.namespace")
    return function_name(name_at(given.get("name"), f"{where}.name"), inside)


def _said(parts: list[Any], where: str) -> str:
    texts = []
    for place, part in enumerate(parts):
        at = f"{where}.{place}"
        given = object_at(part, at)
        name = "refusal" if kind_at(given, at) == "refusal" else "text"
        texts.append(text_at(given.get(name), f"{at}.{name}"))
    return "".join(texts)


def _thoughts(given: Json, where: str) -> list[str]:
    for name in ("content", "summary"):
        parts = given.get(name)
        if parts:
            told = [object_at(part, f"{where}.{name}") for part in list_at(parts, f"{where}.{name}")]
            return [text_at(part.get("text"), f"{where}.{name}.{place}.text") for place, part in enumerate(told)]
    return []


def _plain(parts: list[Json]) -> str | list[Json]:
    """Return one text as itself: every provider takes that."""
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts or ""
