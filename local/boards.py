"""Leaderboards in the shapes that they are passed around in, for trying the name rules on files.

The product itself reads one shape, the dataset server's pages (`adapters/sources/arena.py`).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from atom_llm.domain.registry.board import OVERALL, Board, BoardRow

WHOLE: Final = (OVERALL, "full", "text")  # what files call the category of everything
NAME_FIELDS: Final = ("model_name", "model", "name", "arena", "slug")
RATING_FIELDS: Final = ("rating", "arena_score", "score", "elo", "elo_rating")
LOWER_FIELDS: Final = ("rating_lower", "rating_q025", "lower")
UPPER_FIELDS: Final = ("rating_upper", "rating_q975", "upper")
VOTE_FIELDS: Final = ("vote_count", "votes", "num_battles")
LISTS: Final = ("rows", "models", "data", "leaderboard", "names")  # what documents call their rows
DATE_FIELDS: Final = ("leaderboard_publish_date", "published")
_CSV_INTERVAL: Final = re.compile(r"\+(?P<up>[\d.]+)/-(?P<down>[\d.]+)$")


class NoBoard(Exception):
    """A file is not a board in any of the known shapes."""


def read(path: Path) -> Board:
    """Read a board from CSV with a header, or from JSON: scores by name, rows, or the dataset server's pages.

    Raises `NoBoard` when there is no name with a rating in it.
    """
    text = path.read_text(encoding="utf-8-sig")
    try:
        rows = list(
            _of_json(json.loads(text)) if text.lstrip()[:1] in ("{", "[") else csv.DictReader(text.splitlines())
        )
    except ValueError as error:
        raise NoBoard(f"{path}: {error}") from None
    found = [board_row for row in rows if (board_row := _row(row)) is not None]
    if not found:
        raise NoBoard(f"{path} has no name with a rating in any known shape")
    days = [day for row in rows if (day := _day(_first(row, DATE_FIELDS))) is not None]
    return Board(tuple(found), max(days, default=None))


def names_of(path: Path) -> list[str]:
    """Return the names alone, also without ratings: a JSON array of names, rows with a name, or a name a line.

    Raises `NoBoard` when there is none.
    """
    text = path.read_text(encoding="utf-8-sig").strip()
    try:
        names = _names_of_json(json.loads(text)) if text[:1] in ("{", "[") else _names_of_lines(text.splitlines())
    except ValueError as error:
        raise NoBoard(f"{path}: {error}") from None
    found = list(dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip()))
    if not found:
        raise NoBoard(f"{path} has no name in any known shape")
    return found


def _names_of_json(content: Any) -> list[Any]:
    listed = next((content[name] for name in LISTS if name in content), None) if isinstance(content, dict) else content
    if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
        return listed
    return [_first(row, NAME_FIELDS) for row in _of_json(content)]


def _names_of_lines(lines: list[str]) -> list[Any]:
    table = csv.DictReader(lines)
    if any(field in NAME_FIELDS for field in table.fieldnames or ()):
        return [_first(row, NAME_FIELDS) for row in table]
    return lines


def _of_json(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a JSON document; those that name a category only where it covers everything."""
    if isinstance(content, list):
        for each in content:
            if isinstance(each, dict) and isinstance(each.get("rows"), list):  # one page after another
                yield from _of_json(each)
            elif isinstance(each, dict):
                row = each.get("row", each)
                if row.get("category", OVERALL) in WHOLE:
                    yield row
    elif isinstance(content, dict):
        listed = next((content[name] for name in LISTS if name in content), None)
        whole = next((content[name] for name in WHOLE if isinstance(content.get(name), dict)), None)
        if isinstance(listed, list):
            yield from _of_json(listed)
        elif whole is not None:
            yield from _by_name(whole)
        else:
            yield from _by_name(content)


def _by_name(scores: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, figures in scores.items():
        yield {"model": name, **figures} if isinstance(figures, dict) else {"model": name, "rating": figures}


def _row(row: Mapping[str, Any]) -> BoardRow | None:
    name, rating = _first(row, NAME_FIELDS), _number(_first(row, RATING_FIELDS))
    if not isinstance(name, str) or not name.strip() or rating is None:
        return None
    lower, upper = _number(_first(row, LOWER_FIELDS)), _number(_first(row, UPPER_FIELDS))
    if interval := _CSV_INTERVAL.search(str(row.get("95_pct_ci", ""))):
        lower, upper = rating - float(interval["down"]), rating + float(interval["up"])
    if (half := _number(row.get("ci"))) is not None:
        lower, upper = rating - half, rating + half
    votes = _number(_first(row, VOTE_FIELDS))
    return BoardRow(name.strip(), rating, lower, upper, None if votes is None else int(votes))


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
