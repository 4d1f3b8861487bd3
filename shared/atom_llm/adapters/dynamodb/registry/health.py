"""Minutes of outcomes in the runtime table: an item a provider, model, minute and shard, which processes add to."""

from collections.abc import Mapping
from datetime import datetime
from secrets import randbelow

from atom_llm.adapters.dynamodb import keys
from atom_llm.adapters.dynamodb.table import ConditionFailed, Item, Table
from atom_llm.domain.registry.health import HealthOutcome, Minutes, OutcomeCounts

FAILED_BY = "by_"  # begins the names of the attributes that count a tenant's failures; alone, those of all others
MOST_MARKS = 16  # tenants that a minute's failures of a model are told apart by, in one shard
PREFIXES = {"latency": "l", "first_token": "t"}  # of the attributes that are histograms: l21 counts bucket 21


class DynamoHealth:
    """Implements `HealthLog`."""

    def __init__(self, table: Table, shard: int | None = None) -> None:
        """Take the runtime table, and the shard that this process writes to: busy processes do not meet at one item."""
        self._table = table
        self._shard = shard

    def add(
        self,
        provider: str,
        model: str,
        minute: int,
        outcome: HealthOutcome,
        buckets: Mapping[str, int],
        mark: str,
        forget_at: datetime,
    ) -> None:
        """Add to the minute by one update of an item below a kilobyte: one write unit.

        Failures have an item of their own, so that what told them apart costs no answer anything. Of a tenant for whom
        that has no room it takes a second update.
        """
        if outcome is HealthOutcome.FAILED:
            key = keys.health_failures(provider, self._own_shard(), minute, model)
            self._add_failure(key, mark, int(forget_at.timestamp()))
            return
        counted = {str(outcome): 1} | {f"{PREFIXES[name]}{bucket}": 1 for name, bucket in buckets.items()}
        self._add(keys.health_minute(provider, self._own_shard(), minute, model), counted, forget_at)

    def add_answers(self, provider: str, model: str, minute: int, answers: OutcomeCounts, forget_at: datetime) -> None:
        """Add to the minute by one update of the same item."""
        counted = {str(HealthOutcome.ANSWERED): answers.answered}
        counted |= {f"{PREFIXES['latency']}{bucket}": count for bucket, count in answers.latency.items()}
        counted |= {f"{PREFIXES['first_token']}{bucket}": count for bucket, count in answers.first_token.items()}
        self._add(keys.health_minute(provider, self._own_shard(), minute, model), counted, forget_at)

    def _own_shard(self) -> int:
        if self._shard is None:  # not earlier: processes that begin with one snapshot would all have the same
            self._shard = randbelow(keys.HEALTH_SHARDS)
        return self._shard

    def _add(self, key: keys.Key, counted: Mapping[str, int], forget_at: datetime) -> None:
        self._table.update(
            key,
            f"SET #ttl = :ttl ADD {', '.join(f'#{name} :{name}' for name in counted)}",
            {":ttl": int(forget_at.timestamp()), **{f":{name}": count for name, count in counted.items()}},
            names={f"#{name}": name for name in ("ttl", *counted)},  # `limited` is a reserved word
        )

    def _add_failure(self, key: keys.Key, mark: str, ttl: int) -> None:
        try:
            self._table.update(
                key,
                "SET #ttl = :ttl ADD #by :one, marks :mark",
                {":ttl": ttl, ":one": 1, ":mark": {mark}, ":most": MOST_MARKS},
                condition="attribute_exists(#by) OR attribute_not_exists(marks) OR size(marks) < :most",
                names={"#ttl": "ttl", "#by": f"{FAILED_BY}{mark}"},
            )
        except ConditionFailed:
            self._table.update(
                key, "SET #ttl = :ttl ADD #by :one", {":ttl": ttl, ":one": 1}, names={"#ttl": "ttl", "#by": FAILED_BY}
            )

    def minutes(self, provider: str, since: int) -> Mapping[str, Minutes]:
        """Read the minutes with one query a shard."""
        found: dict[str, dict[int, OutcomeCounts]] = {}
        for shard in range(keys.HEALTH_SHARDS):
            for item in self._table.query(keys.health(provider, shard), first=keys.health_position(since)):
                minute, model, is_of_failures = keys.health_minute_of(item["sk"])
                counts = _failures(item) if is_of_failures else _counts(item)
                found.setdefault(model, {}).setdefault(minute, OutcomeCounts()).add(counts)
        return found


def _counts(item: Item) -> OutcomeCounts:
    answered, failed, limited = (int(item.get(outcome, 0)) for outcome in HealthOutcome)
    return OutcomeCounts(answered, failed, limited, _histogram(item, "latency"), _histogram(item, "first_token"))


def _failures(item: Item) -> OutcomeCounts:
    by = {name.removeprefix(FAILED_BY): int(count) for name, count in item.items() if name.startswith(FAILED_BY)}
    return OutcomeCounts(failed=sum(by.values()), failed_by=by)


def _histogram(item: Item, name: str) -> dict[int, int]:
    prefix = PREFIXES[name]
    return {int(each[1:]): int(count) for each, count in item.items() if each[0] == prefix and each[1:].isdigit()}
