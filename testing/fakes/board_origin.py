"""A dataset server: it hands a leaderboard out page by page over HTTP on loopback, and misbehaves when told to."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from atom_llm.domain.registry.board import OVERALL, Board
from testing.fakes.loopback import LoopbackHandler, on_loopback

MOST_ROWS = 100  # of a page; the real server answers 422 to a longer one

Row = dict[str, Any]
Page = dict[str, Any]


def dataset_rows(board: Board, *, besides: Sequence[str] = ("math",), published: str = "2026-08-03") -> list[Row]:
    """Return a board as the dataset lists it, among the same models' rows in other categories."""
    return [
        {
            "model_name": row.name,
            "organization": row.organisation or "",
            "license": row.licence or "Proprietary",
            "rating": row.rating if category == OVERALL else row.rating - 100,
            "rating_lower": row.lower,
            "rating_upper": row.upper,
            "variance": 4.5,
            "vote_count": row.votes,
            "rank": rank,
            "category": category,
            "leaderboard_publish_date": published,
        }
        for category in (*besides, OVERALL)
        for rank, row in enumerate(board.rows, 1)
    ]


@dataclass
class BoardOrigin:
    """The answers of the server from now on, and the pages that it was asked for."""

    rows: Sequence[Row] = ()
    change: Callable[[int, Page], Page | int | bytes | None] = field(default=lambda offset, page: page)
    delay_s: float = 0.0
    asked: list[int] = field(default_factory=list)
    url: str = ""

    def serve(self, rows: Sequence[Row]) -> None:
        """Answer well."""
        self.rows, self.delay_s, self.change = rows, 0.0, lambda offset, page: page

    def misbehave(self, change: Callable[[int, Page], Page | int | bytes | None]) -> None:
        """Answer with the change of the page at an offset: another page, a status, other bytes, or a cut answer."""
        self.change = change

    def page(self, offset: int, length: int) -> Page:
        """Return a page as the dataset server words it."""
        return {
            "features": [{"feature_idx": 0, "name": "model_name", "type": {"dtype": "string", "_type": "Value"}}],
            "rows": [
                {"row_idx": number, "row": row, "truncated_cells": []}
                for number, row in enumerate(self.rows[offset : offset + length], offset)
            ],
            "num_rows_total": len(self.rows),
            "num_rows_per_page": MOST_ROWS,
            "partial": False,
        }


class _Handler(LoopbackHandler):
    origin: BoardOrigin

    def get(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        offset, length = int(asked["offset"][0]), int(asked["length"][0])
        self.origin.asked.append(offset)
        if length > MOST_ROWS or "dataset" not in asked:
            self._answer(422, b'{"error":"Parameter is not valid"}')
            return
        time.sleep(self.origin.delay_s)
        changed = self.origin.change(offset, self.origin.page(offset, length))
        match changed:
            case None:
                self._cut()
            case int():
                self._answer(changed, b'{"error":"Unexpected error."}')
            case bytes():
                self._answer(200, changed, "text/html" if changed.startswith(b"<") else "application/json")
            case _:
                self._answer(200, json.dumps(changed).encode())

    def _answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"rows": [')
        self.close_connection = True


@contextmanager
def board_origin() -> Iterator[BoardOrigin]:
    """Serve on a free port of 127.0.0.1 for as long as the context lasts."""
    origin = BoardOrigin()
    with on_loopback(_Handler, origin) as address:
        origin.url = f"{address}/rows?dataset=some/board&config=text&split=latest"
        yield origin
