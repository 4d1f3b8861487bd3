"""Sums of ledger rows in DynamoDB: items that are only ever added to, each row exactly once."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.keys import Key
from atom_llm.adapters.dynamodb.ledger.first_of_day import DayOf, FirstOfDay, kept_until
from atom_llm.adapters.dynamodb.ledger.ledger import open_key, row_key
from atom_llm.adapters.dynamodb.table import MAX_TRANSACTION, ConditionFailed, Item, Table, Write
from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.core.money import EXACT, ZERO
from atom_llm.domain.ledger.budgets import WindowRef, is_of_run
from atom_llm.domain.ledger.end_users import MAX_A_DAY, OTHERS, EndUser, EndUserKind
from atom_llm.domain.ledger.rows import Attempt, LedgerRow
from atom_llm.domain.ledger.sums import Sums
from atom_llm.domain.ledger.told_tags import VALUES_A_DAY, told_apart
from atom_llm.domain.ledger.windows import words_kept_until
from atom_llm.domain.pricing.units import Unit
from atom_llm.ports.ledger import EndUserCell, SumCell

COUNTS: Final = ("calls", "failed", "refused", "swept", "corrections")
TAGS_UNWRITTEN: Final = 8  # values of a tag that a process has told apart and not written yet
CELL_DIGITS: Final = 24  # of a SHA-256 in hex: 96 bits tell the cells of a day apart


class DynamoUsageSums:
    """Implements `UsageSums` on the usage table."""

    def __init__(self, table: Table, retention: timedelta, tag_values_a_day: int = VALUES_A_DAY) -> None:
        """Take the usage table; what names end users is kept for `retention`, as ledger rows are.

        Of each tag of a tenant, `tag_values_a_day` values are told apart.
        """
        self._table = table
        self._retention = retention
        self._tag_values = tag_values_a_day
        self._end_users = FirstOfDay(table, retention)
        self._tags = FirstOfDay(table, retention, TAGS_UNWRITTEN)

    def post(self, rows: Sequence[LedgerRow]) -> int | None:
        """Delete the open attempts and add everything in one transaction, or do nothing.

        That an attempt is there to be deleted is what makes it once, whatever was repeated, lost or late on the way
        here; it costs two units, where a mark on its row costs two for each kilobyte of it, and a third to close.
        """
        taken, groups, windows = _fitting(rows, self._groups_of)
        writes = [self._table.deleting(open_key(row.attempt), if_there=True) for row in rows[:taken]]
        writes += [
            self._table.updating(
                row_key(row.attempt),
                "SET posted = :yes",
                {":yes": True},
                condition="attribute_exists(pk) AND attribute_not_exists(posted)",
            )
            for row in rows[:taken]
            if row.takes_mark
        ]
        writes += [self._adding(key, identity, sums) for key, (identity, sums) in groups.items()]
        writes += [self._posting(tenant, ref, spent) for (tenant, ref), spent in windows.items()]
        try:
            self._table.transact(writes)
        except ConditionFailed:
            return None
        return taken

    def by_model(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, str, str, Sums]]:
        """Iterate over the sums of the days, with one query a month."""
        for day, item in self._between(tenant, keys.MODEL_SUMS, first, last, consistent):
            yield day, item["provider"], item["model"], _sums(item)

    def by_cell(
        self, tenant: TenantId, first: date, last: date, *, consistent: bool = False
    ) -> Iterator[tuple[date, SumCell, Sums]]:
        """Iterate over the sums of the days, with one query a month."""
        for day, item in self._between(tenant, keys.CELL_SUMS, first, last, consistent):
            yield day, _cell(item), _sums(item)

    def by_end_user(
        self, tenant: TenantId, first: date, last: date, kind: EndUserKind, *, consistent: bool = False
    ) -> Iterator[tuple[date, EndUserCell, Sums]]:
        """Iterate over the sums of the days, with one query a month."""
        for day, item in self._between(tenant, keys.END_USER_SUMS[kind], first, last, consistent):
            end_user = EndUser(item.get("end_user"), item.get("session"))
            cell = EndUserCell(item["provider"], item["model"], ServiceKeyId(item["service_key"]), end_user)
            yield day, cell, _sums(item)

    def erase_end_users(self, tenant: TenantId, month: date) -> int:
        """Delete the month's sums by end user, and the sets of what sums tell apart."""
        partition = keys.usage_month(tenant, f"{month:%Y-%m}")
        prefixes = (*keys.END_USER_SUMS.values(), keys.FIRST_OF_DAY)
        found = [item["sk"] for prefix in prefixes for item in self._table.query(partition, prefix=prefix)]
        self._table.delete_many([(partition, place) for place in found])
        return len(found)

    def posted(self, tenant: TenantId, ref: WindowRef) -> Decimal:
        """Return the USD posted to a window; 0 before its first row."""
        item = self._table.get(keys.posted(tenant, *ref), consistent=True)
        return ZERO if item is None else item["spent"]

    def _between(
        self, tenant: TenantId, kind: str, first: date, last: date, consistent: bool
    ) -> Iterator[tuple[date, Item]]:
        month = first.replace(day=1)
        while month <= last:
            begins = keys.day_of_month(kind, first.day if first > month else 1)
            following = (month + timedelta(days=31)).replace(day=1)
            ends = keys.day_of_month(kind, last.day if last < following else 31, through=True)
            partition = keys.usage_month(tenant, f"{month:%Y-%m}")
            for item in self._table.query(partition, first=begins, last=ends, consistent=consistent):
                yield month.replace(day=int(item["day"])), item
            month = following

    def _posting(self, tenant: TenantId, ref: WindowRef, spent: Decimal) -> Write:
        """Add to what rows say of a window; it goes with the window itself."""
        key, goes = keys.posted(tenant, *ref), words_kept_until(ref.window)
        if goes is None:
            return self._table.updating(key, "ADD spent :spent", {":spent": spent})
        values = {":spent": spent, ":goes": int(goes.timestamp())}
        return self._table.updating(key, "SET #ttl = :goes ADD spent :spent", values, names={"#ttl": "ttl"})

    def _adding(self, key: Key, identity: Mapping[str, object], sums: Sums) -> Write:
        added: dict[str, object] = {name: getattr(sums, name) for name in COUNTS if getattr(sums, name)}
        added |= {"cost": sums.cost} if sums.cost else {}
        added |= {f"u_{unit}": quantity for unit, quantity in sums.units.items()}
        added |= {f"l_{bucket}": count for bucket, count in sums.latency.items()}
        added |= {f"f_{bucket}": count for bucket, count in sums.first_token.items()}
        names = {**{f"#{name}": name for name in identity}, **{f"#{name}": name for name in added}}
        values = {**{f":{name}": value for name, value in identity.items()}, **{f":{n}": v for n, v in added.items()}}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in identity)
        expression += " ADD " + ", ".join(f"#{name} :{name}" for name in added) if added else ""
        return self._table.updating(key, expression, values, names=names)

    def _groups_of(self, row: LedgerRow, shard: int) -> dict[Key, Mapping[str, object]]:
        """Return the groups that a row belongs to, those of its end user included."""
        attempt, given = row.attempt, row.attempt.end_user
        found = _identities(row, self._told(attempt), shard)
        if given.user is None and given.session is None:
            return found
        until = kept_until(attempt.day, self._retention)
        cell = _of_model(attempt) | {"service_key": str(attempt.service_key), "ttl": until}
        if given.user is not None:
            cell |= {"end_user": self._named(attempt, "user", given.user)}
            found[_end_user_key("user", attempt, cell, shard)] = cell
        if given.session is not None:
            cell = cell | {"session": self._named(attempt, "session", given.session)}
            found[_end_user_key("session", attempt, cell, shard)] = cell
        return found

    def _named(self, attempt: Attempt, kind: EndUserKind, name: str) -> str:
        """Return the name under which the sums of a day have an end user: its own, or `OTHERS`."""
        of = DayOf(attempt.tenant, kind, attempt.day)
        return name if self._end_users.beyond(of, name, MAX_A_DAY) is None else OTHERS

    def _told(self, attempt: Attempt) -> dict[str, str]:
        """Return the tags under which the sums of a day have an attempt."""

        def beyond(kind: str, word: str, most: int) -> int | None:
            return self._tags.beyond(DayOf(attempt.tenant, kind, attempt.day), word, most)

        return told_apart(attempt.tags, self._tag_values, beyond)


Groups = dict[Key, tuple[Mapping[str, object], Sums]]
GroupsOf = Callable[[LedgerRow, int], dict[Key, Mapping[str, object]]]


def _fitting(
    rows: Sequence[LedgerRow], groups_of: GroupsOf
) -> tuple[int, Groups, dict[tuple[TenantId, WindowRef], Decimal]]:
    """Return how many rows from the front fit into a transaction, their sums by group, and their spending by window."""
    groups: Groups = {}
    windows: dict[tuple[TenantId, WindowRef], Decimal] = {}
    shard = keys.shard(rows[0].attempt.call_id, keys.SUM_SHARDS)  # one for all: they share their groups' items
    of_rows = 0
    for taken, row in enumerate(rows):
        identities = groups_of(row, shard)
        refs = {(row.attempt.tenant, ref) for ref in row.attempt.windows if row.spent(ref.unit) and not is_of_run(ref)}
        of_rows += 2 if row.takes_mark else 1
        if of_rows + len(groups.keys() | identities.keys()) + len(windows.keys() | refs) > MAX_TRANSACTION:
            return taken, groups, windows
        for key, identity in identities.items():
            groups.setdefault(key, (identity, Sums()))[1].add_row(row)
        for ref in refs:
            windows[ref] = EXACT.add(windows.get(ref, ZERO), row.spent(ref[1].unit))
    return len(rows), groups, windows


def _identities(row: LedgerRow, tags: Mapping[str, str], shard: int) -> dict[Key, Mapping[str, object]]:
    """Return the groups that a row belongs to, each with the attributes that say which it is."""
    attempt = row.attempt
    partition = keys.usage_month(attempt.tenant, f"{attempt.day:%Y-%m}")
    model = _of_model(attempt)
    cell = model | {"service_key": str(attempt.service_key)}
    cell |= {"provider_key": str(attempt.provider_key)} if attempt.provider_key else {}
    cell |= {"tags": dict(tags)} if tags else {}
    return {
        (partition, keys.model_sum(attempt.day.day, attempt.provider, attempt.model, shard)): model,
        (partition, keys.cell_sum(attempt.day.day, _name(cell), shard)): cell,
    }


def _of_model(attempt: Attempt) -> dict[str, object]:
    return {"day": attempt.day.day, "provider": attempt.provider, "model": attempt.model}


def _end_user_key(kind: EndUserKind, attempt: Attempt, cell: Mapping[str, object], shard: int) -> Key:
    partition = keys.usage_month(attempt.tenant, f"{attempt.day:%Y-%m}")
    return partition, keys.end_user_sum(kind, attempt.day.day, _name(cell), shard)


def _name(cell: Mapping[str, object]) -> str:
    return sha256(json.dumps(cell, sort_keys=True).encode()).hexdigest()[:CELL_DIGITS]


def _cell(item: Mapping[str, Any]) -> SumCell:
    return SumCell(
        provider=item["provider"],
        model=item["model"],
        service_key=ServiceKeyId(item["service_key"]),
        provider_key=ProviderKeyId(item["provider_key"]) if "provider_key" in item else None,
        tags=tuple(sorted(item.get("tags", {}).items())),
    )


def _sums(item: Mapping[str, Any]) -> Sums:
    sums = Sums(cost=item.get("cost", ZERO))
    for name in COUNTS:
        setattr(sums, name, int(item.get(name, 0)))
    for name, value in item.items():
        kind, _, rest = name.partition("_")
        if kind == "u" and rest:
            sums.units[Unit(rest)] = value
        elif kind == "l" and rest:
            sums.latency[int(rest)] = int(value)
        elif kind == "f" and rest:
            sums.first_token[int(rest)] = int(value)
    return sums
