"""The surface that is fuzzed: every operation of every document of the front door."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

VERBS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, with the document that describes it."""

    verb: str
    path: str
    described: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The route as a finding names it."""
        return f"{self.verb.upper()} {self.path}"

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The schema of its JSON body; None where it takes none."""
        content = self.described.get("requestBody", {}).get("content", {})
        return next((each["schema"] for name, each in content.items() if "json" in name), None)

    def parameters(self, place: str) -> Iterator[Mapping[str, Any]]:
        """Iterate over its parameters in the path, the query or the headers."""
        return (each for each in self.described.get("parameters", ()) if each["in"] == place)


def operations_of(documents: Sequence[Mapping[str, Any]]) -> list[Operation]:
    """Return every operation of OpenAPI documents, in their order."""
    return [
        Operation(verb, path, verbs[verb], document)
        for document in documents
        for path, verbs in document["paths"].items()
        for verb in VERBS
        if verb in verbs
    ]
