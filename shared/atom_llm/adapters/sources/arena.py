"""LMArena's leaderboard from its dataset, page by page: whole, or not at all.

The dataset `lmarena-ai/leaderboard-dataset` (CC BY 4.0) as the dataset server hands it out, a hundred rows a page:
huggingface.co/docs/dataset-viewer/rows.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from atom_llm.adapters.sources.fetch import FetchLimits, HttpPriceSource
from atom_llm.domain.catalogue.errors import SourceUnavailable, UnreadableSource
from atom_llm.domain.catalogue.refresh import Validators
from atom_llm.domain.registry.board import OVERALL, Board, BoardRow
from atom_llm.ports.catalogue import NotModified
from atom_llm.ports.core import Clock

if TYPE_CHECKING:
    import httpx

NAME: Final = "lmarena"
PAGE: Final = 100  # rows; the server hands out no more at a time
PAGES_AT_ONCE: Final = 6  # 10,606 rows are 107 pages, which one after the other would take the time of a request
MOST_ROWS: Final = 100_000
LIMITS: Final = FetchLimits(total_s=24.0, max_body=2 * 1024 * 1024, max_content=4 * 1024 * 1024)


class _Page(NamedTuple):
    rows: Sequence[Mapping[str, Any]]
    total: int


class ArenaBoard:
    """Implements `BoardSource`."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        limits: FetchLimits = LIMITS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take `url`, which names dataset, config and split; `sleep` and `chance` (0 to 1) are those of the retries."""
        self._url = url
        self._clock = clock
        self._limits = limits
        self._sleep = sleep
        self._chance = chance

    @property
    def name(self) -> str:
        """The source's name."""
        return NAME

    async def fetch(self) -> Board:
        """Return the whole board; raises `SourceUnavailable`, or `UnreadableSource`, also when it changed meanwhile."""
        import httpx  # 100 ms of import that only a sync needs

        timeout = httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s)
        try:
            async with asyncio.timeout(self._limits.total_s), httpx.AsyncClient(timeout=timeout) as client:
                pages = await self._pages(client)
        except TimeoutError:
            raise SourceUnavailable(NAME, "timeout", f"no whole board within {self._limits.total_s:g} s") from None
        return board_of([row for page in pages for row in page.rows])

    async def _pages(self, client: "httpx.AsyncClient") -> list[_Page]:
        first = await self._page(client, 0)
        if first.total > MOST_ROWS:
            raise UnreadableSource(NAME, f"says that it has {first.total:,} rows")
        places = asyncio.Semaphore(PAGES_AT_ONCE)

        async def behind(offset: int) -> _Page:
            async with places:
                return await self._page(client, offset)

        asked = [asyncio.ensure_future(behind(offset)) for offset in range(PAGE, first.total, PAGE)]
        try:
            pages = [first, *await asyncio.gather(*asked)]
        finally:
            for each in asked:
                each.cancel()
        if any(page.total != first.total for page in pages):
            raise UnreadableSource(NAME, "its number of rows changed while it was read")
        return pages

    async def _page(self, client: "httpx.AsyncClient", offset: int) -> _Page:
        joint = "&" if "?" in self._url else "?"
        url = f"{self._url}{joint}offset={offset}&length={PAGE}"
        document = HttpPriceSource(NAME, url, self._clock, self._limits, self._sleep, self._chance)
        fetched = await document.fetch_by(client, Validators())
        if isinstance(fetched, NotModified):
            raise UnreadableSource(NAME, "answered 304 to an unconditional request")
        return page_of(fetched.body, offset)


def page_of(body: bytes, offset: int) -> _Page:
    """Read a page that holds exactly the rows from `offset` on; raises `UnreadableSource`."""
    try:
        content = json.loads(body)
        total, listed, partial = content["num_rows_total"], content["rows"], content.get("partial")
        places = [each["row_idx"] for each in listed]
        rows = [each["row"] for each in listed]
        cut = [each for each in listed if each.get("truncated_cells")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableSource(NAME, "a page is not of its form") from None
    if partial or not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise UnreadableSource(NAME, "the dataset is only there in part")
    if cut:
        raise UnreadableSource(NAME, f"{len(cut)} rows of the page at {offset:,} are cut short")
    wanted = list(range(offset, min(offset + PAGE, total)))
    if places != wanted or not all(isinstance(row, dict) for row in rows):
        raise UnreadableSource(NAME, f"the page at {offset:,} has {len(places)} rows, and should have {len(wanted)}")
    return _Page(rows, total)


def board_of(rows: Sequence[Mapping[str, Any]]) -> Board:
    """Return the overall board of all rows; raises `UnreadableSource` naming the first row that is none."""
    found, days = [], []
    for row in rows:
        if row.get("category") != OVERALL:
            continue
        try:
            found.append(
                BoardRow(
                    name=_text(row["model_name"]),
                    rating=_number(row["rating"]),
                    lower=_number_or_none(row.get("rating_lower")),
                    upper=_number_or_none(row.get("rating_upper")),
                    votes=_votes(row.get("vote_count")),
                    organisation=_text_or_none(row.get("organization")),
                    licence=_text_or_none(row.get("license")),
                )
            )
            if row.get("leaderboard_publish_date"):
                days.append(date.fromisoformat(str(row["leaderboard_publish_date"])[:10]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise UnreadableSource(NAME, f"the row of {str(row.get('model_name'))[:80]!r} is not of its form") from None
    return Board(tuple(found), max(days, default=None))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _text_or_none(value: object) -> str | None:
    return _text(value) if value not in (None, "") else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    return float(value)


def _number_or_none(value: object) -> float | None:
    return None if value is None else _number(value)


def _votes(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError
    return int(value)
