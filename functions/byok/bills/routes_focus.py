"""Usage as a FOCUS file, for the tools that costs of all clouds are looked at with."""

import re
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.ledger.focus import FOCUS_VERSION, FocusAccount
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.files.csv_report import CSV_PIECE, NEXT_PIECE
from atom_llm.http.routed.on_behalf import ConcernedTenant
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.ledger.day_prices import DayPrices
from atom_llm.services.ledger.reports.focus_export import FocusPosition, days_of

router = APIRouter(prefix="/usage", tags=["usage"])

EARLIEST: Final = date(2020, 1, 1)
VERSIONS_OF_A_MONTH: Final = 40  # of prices: one a day, and some
KEYS_NAMED: Final = 1_000  # service keys of a tenant that are named; further ones stand under their ids
_POSITION: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})\.(\d{1,9})$", re.ASCII)


@router.get(
    "/focus",
    summary=f"Usage in the columns of FOCUS {FOCUS_VERSION}",
    dependencies=[requires(Scope.USAGE_READ)],
    responses={**problem_responses(403, 404, 422), **CSV_PIECE},
    response_class=Response,
)
def focus(
    container: CurrentContainer,
    tenant: ConcernedTenant,
    month: Annotated[
        str | None, Query(max_length=7, pattern=r"^\d{4}-\d{2}$", description="`2026-11`; the present one by default.")
    ] = None,
    day: Annotated[int | None, Query(ge=1, le=31, description="That day of it alone.")] = None,
    after: Annotated[str | None, Query(max_length=24, description=f"`{NEXT_PIECE}` of the piece before.")] = None,
) -> Response:
    """Give out a month's usage, or a day's, as CSV with a row a day, model, key, tags and class of usage.

    The first piece has the header, so that all of them one behind the other are the file.
    """
    now = container.clock()
    first, last = _days(month, day, now.date())
    position = None if after is None else _position(after, first, last)
    own = container.catalogue.own_price_setter.history(tenant)
    prices = DayPrices(container.catalogue.reader, own, now, most=VERSIONS_OF_A_MONTH)
    piece = container.ledger.usage_reader.focus(_account(container, tenant), prices, first, last, position)
    headers = {"content-disposition": f'attachment; filename="focus-{tenant}-{first:%Y-%m}.csv"'}
    if piece.next is not None:
        headers[NEXT_PIECE] = f"{piece.next.day}.{piece.next.cells}"
    return Response(piece.text, media_type="text/csv; charset=utf-8", headers=headers)


def _account(container: CurrentContainer, tenant: TenantId) -> FocusAccount:
    keys = container.tenancy.issued_service_keys.listed(tenant, after=None, limit=KEYS_NAMED)
    name = container.tenancy.directory.find(tenant, tenant).name
    return FocusAccount(str(tenant), name, {str(key.key_id): key.label for key in keys if key.label})


def _days(month: str | None, day: int | None, today: date) -> tuple[date, date]:
    try:
        first = today.replace(day=1) if month is None else date.fromisoformat(f"{month}-01")
    except ValueError:
        raise InvalidRequest("month", "is no month") from None
    if not EARLIEST <= first <= today:
        raise InvalidRequest("month", "is before any deployment, or in the future")
    try:
        return days_of(first, day, today)
    except ValueError:
        raise InvalidRequest("day", "is none of that month") from None


def _position(after: str, first: date, last: date) -> FocusPosition:
    found = _POSITION.match(after)
    try:
        position = None if found is None else FocusPosition(date.fromisoformat(found[1]), int(found[2]))
    except ValueError:
        position = None
    if position is None or not first <= position.day <= last:
        raise InvalidRequest("after", "is not one that this file gave out")
    return position
