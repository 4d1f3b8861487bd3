"""Lists as CSV (RFC 4180), for spreadsheets: the columns of an item's wire model, in the same words as its JSON."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from fastapi import Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from atom_llm.domain.core.spreadsheets import inert

CSV: Final = "text/csv"
NEXT_CURSOR: Final = "x-next-cursor"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")  # of files, whose names stand in a header


class CsvColumn(NamedTuple):
    """A column: its heading, and the way through an item's fields to its value."""

    heading: str
    path: tuple[str, ...]


def report_format(
    request: Request,
    format: Annotated[
        Literal["json", "csv"] | None,
        Query(description="`csv`: the list as a file of columns, as `Accept: text/csv` has it too."),
    ] = None,
) -> Literal["json", "csv"]:
    """Return the format that is asked for: by the query, else by the first of both that `Accept` names, else JSON."""
    if format is not None:
        return format
    accepted = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")]
    return "csv" if next((each for each in accepted if each in (CSV, "application/json")), None) == CSV else "json"


ReportFormat = Annotated[Literal["json", "csv"], Depends(report_format)]


AS_CSV_TOO: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {CSV: {"schema": {"type": "string"}}},
        "description": f"The list; as CSV the cursor of the next page is the header `{NEXT_CURSOR}`, and the line "
        "of headings stands in the first page, so that all pages one behind the other are the file.",
    }
}
"""The success of a list's route, for its OpenAPI document, beside the model of its JSON."""

NEXT_PIECE: Final = "x-next-piece"
CSV_PIECE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {CSV: {"schema": {"type": "string"}}},
        "description": f"A piece of the file; the header `{NEXT_PIECE}`, where there is one, asks for the next.",
    }
}
"""The success of a file's route, for its OpenAPI document."""


def csv_report[Item: BaseModel](
    items: Sequence[Item],
    of: type[Item],
    name: str,
    *,
    is_first: bool = True,
    next_cursor: str | None = None,
    spread: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    """Return items as a CSV file called `name`. `spread` names the keys of fields that get a column for each key.

    Fields of a nested model have columns of their own; other objects and lists are a cell of JSON. Amounts stand as
    exact as in JSON. A text that a spreadsheet would carry out gets an apostrophe before it.
    """
    lines = CsvLines(of, spread)
    written = [lines.headings()] if is_first else []
    written += [lines.line(item) for item in items]
    headers = {"content-disposition": f'attachment; filename="{_NOT_IN_NAMES.sub("-", name)}.csv"', "vary": "Accept"}
    if next_cursor is not None:
        headers[NEXT_CURSOR] = next_cursor
    return Response("".join(written), media_type=f"{CSV}; charset=utf-8", headers=headers)


class CsvLines[Item: BaseModel]:
    """The lines of a CSV file of a wire model, each with its end."""

    def __init__(self, of: type[Item], spread: Mapping[str, Sequence[str]] | None = None) -> None:
        """`spread` names the keys of fields that get a column for each key."""
        self._columns = list(csv_columns(of, spread or {}))

    def headings(self) -> str:
        """Return the line of headings."""
        return _line([column.heading for column in self._columns])

    def line(self, item: Item) -> str:
        """Return the line of an item."""
        fields = item.model_dump(mode="json")
        return _line([_cell(_value(fields, column.path)) for column in self._columns])


def csv_columns(
    of: type[BaseModel], spread: Mapping[str, Sequence[str]], within: tuple[str, ...] = ()
) -> Iterator[CsvColumn]:
    """Iterate over the columns of a wire model, those of nested models under the joined names of both fields."""
    for name, field in of.model_fields.items():
        path = (*within, name)
        nested = _model_in(field.annotation)
        if nested is not None:
            yield from csv_columns(nested, {}, path)
        elif name in spread:
            yield from (CsvColumn(key, (*path, key)) for key in spread[name])
        else:
            yield CsvColumn("_".join(path), path)


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, or may hold beside null."""
    is_choice = get_origin(annotation) in (Union, UnionType)
    kinds = [each for each in get_args(annotation) if each is not NoneType] if is_choice else [annotation]
    only = kinds[0] if len(kinds) == 1 else None
    return only if isinstance(only, type) and issubclass(only, BaseModel) else None


def _value(fields: Any, path: Sequence[str]) -> Any:
    for name in path:
        if fields is None:
            return None
        fields = fields.get(name)
    return fields


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return inert(value)
