"""An answer as an instance of a pydantic model, in a module of its own: pydantic is loaded where it is asked for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from atom_llm.domain.core.errors import UnusableAnswer
from atom_llm.domain.providers.chunks import texts_of
from atom_llm.domain.providers.exchange import Json
from atom_llm.services.calls.byok_handler import CompletedCall

MAX_REPAIRED: Final = 20_000  # characters of a wrong answer that is shown to the model again
MAX_FAULTS: Final = 10  # of what is wrong with it


@dataclass(frozen=True, slots=True)
class StructuredAnswer[Model: BaseModel]:
    """A validated instance, and the calls that it took: one, or two where the first answer had to be mended."""

    value: Model
    calls: tuple[CompletedCall, ...]


async def structured_answer[Model: BaseModel](
    ask: Callable[[Json], Awaitable[CompletedCall]], body: Mapping[str, Any], response_model: type[Model]
) -> StructuredAnswer[Model]:
    """Return an instance of `response_model` that `ask` was answered with, at the second time of asking at the latest.

    Raises `UnusableAnswer` naming the faults of the second answer.
    """
    asked: Json = {**body, "stream": False, "response_format": _schema_of(response_model)}
    calls: list[CompletedCall] = []
    faults: list[str] = []
    for _ in range(2):
        completed = await ask(asked)
        calls.append(completed)
        await completed.settled
        text = "".join(texts_of(completed.body))
        try:
            return StructuredAnswer(response_model.model_validate_json(text), tuple(calls))
        except ValidationError as error:
            faults = [f"{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()[:MAX_FAULTS]]
        asked = {**asked, "messages": [*asked["messages"], *_repair(text, faults)]}
    raise UnusableAnswer(f"no {response_model.__name__} came of two answers", faults=faults)


def _schema_of(model: type[BaseModel]) -> Json:
    """Return a response format by schema, not strict, which is a part of JSON Schema: the answer is validated here."""
    return {"type": "json_schema", "json_schema": {"name": model.__name__, "schema": model.model_json_schema()}}


def _repair(text: str, faults: Sequence[str]) -> list[Json]:
    """Return the messages that tell a model what is wrong with its answer."""
    told = "This does not match the schema:\n" + "\n".join(faults) + "\nAnswer again, with nothing but the JSON object."
    return [{"role": "assistant", "content": text[:MAX_REPAIRED]}, {"role": "user", "content": told}]


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location) or "the answer"
