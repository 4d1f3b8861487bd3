"""Every key of every table, as functions.

| table     | pk                    | sk                      | item                           | read by               |
|-----------|-----------------------|-------------------------|--------------------------------|-----------------------|
| keys      | service-key#ID        | service-key             | a service key by its public id | every call (5 s)      |
| keys      | tenants               | TENANT                  | a tenant                       | calls (60 s), admins  |
| keys      | tenant#T              | service-key#ID          | that a tenant has this key     | list of service keys  |
| keys      | tenant#T              | provider-key#ID         | a provider key, without it     | calls (30 s), lists   |
| keys      | tenant#T              | provider-keys           | where the secrets are, a lease | the same query        |
| keys      | tenant#T              | budget#SCOPE#WINDOW     | a budget as it was set         | calls (30 s), lists   |
| keys      | tenant#T              | team#ID                 | a team: its keys and people    | calls (30 s), lists   |
| keys      | tenant#T              | allow-list#SCOPE        | models that may be called      | calls (30 s), lists   |
| keys      | tenant#T              | own-price#ID            | what a model costs it          | calls (30 s), lists   |
| keys      | tenant#T              | ended-price#ID          | what it did cost it            | proof, reprice        |
| keys      | tenant#T              | preferences             | what it wants of tiers         | calls (30 s)          |
| keys      | tenant#T              | price-alerts            | from when on it wants telling  | price alerts          |
| keys      | tenant#T              | exchanged-key#ID        | that a token got it this key   | list of service keys  |
| keys      | trusted-issuers       | ID                      | an issuer that is trusted      | tokens (30 s), admins |
| keys      | issuer-keys           | ID                      | an issuer's keys as last read  | tokens, issuer down   |
| keys      | audit#T               | ULID                    | who changed what               | admins                |
| usage     | open#0                | T#CALL#ATTEMPT          | an attempt not yet in the sums | roll-up, sweep, proof |
| usage     | process#NAME          | lease                   | when it is last known to live  | sweep                 |
| usage     | ledger#T#2026-11-23#0 | CALL#ATTEMPT            | a ledger row                   | calls, proof, reprice |
| usage     | budget#T#SCOPE        | month:2026-11-01        | a window: limit, spent, holds  | reserve, settle       |
| usage     | budget#T#SCOPE        | month:2026-11-01#07     | a lane of it: spent, holds     | where many are open   |
| usage     | budget#T#SCOPE        | posted#month:2026-11-01 | what rows say was spent in it  | sum check             |
| usage     | budget-scopes#T       | SCOPE                   | that it has windows of a scope | the tenant's erasure  |
| usage     | young-budgets         | T#SCOPE#usd.month       | a budget that is looked at more| sweep, each minute    |
| usage     | usage#T#2026-11       | model#23#P#M#0          | sums of a day, provider, model | usage                 |
| usage     | usage#T#2026-11       | cell#23#HASH#0          | the same by key and tags also  | usage by key, by tag  |
| usage     | usage#T#2026-11       | user#23#HASH#0          | the same by end user, session# | usage by user         |
| usage     | usage#T#2026-11       | known#user#23           | end users, tags it tells apart | roll-up               |
| usage     | narrowed-holds        | MODEL                   | its bills above their holds    | calls (30 s)          |
| usage     | idempotency#T         | NAME                    | what became of a request       | calls that carry one  |
| usage     | idempotency#T         | NAME#TOKEN#000          | a part of its sealed answer    | repeats               |
| usage     | daily-check           | progress                | how far the check came         | daily check           |
| usage     | exports#T             | ID                      | an export, how far it is       | its tenant, sweep     |
| usage     | unfinished-exports    | ID#T                    | that it has not ended          | sweep                 |
| usage     | export#T#ID#00001     | 000                     | a chunk of a piece of its file | its tenant            |
| usage     | price-alerts          | progress                | how far telling of prices came | price alerts          |
| usage     | price-alerts#T        | 000000000042            | an alert that it was sent      | the same, lists       |
| catalogue | book                  | 000000000042            | an entry of the price book     | head: newest first    |
| catalogue | snapshot#VERSION      | 000                     | a chunk of a snapshot          | new versions          |
| catalogue | events                | 000000000042#000        | a chunk of an entry's events   | changes, history      |
| catalogue | events#000000000042   | 000                     | the same, of an older entry    | the same              |
| catalogue | refresh               | journal                 | state and lease of refreshes   | refresh, overview     |
| catalogue | refresh               | quarantine              | what is held, or where it is   | refresh, overview     |
| catalogue | quarantine#ID         | 000                     | a chunk of what is held        | the same              |
| catalogue | refresh               | lists                   | what lists say, or where it is | refresh, consensus    |
| catalogue | lists#ID              | 000                     | a chunk of what lists say      | the same              |
| catalogue | quality               | head                    | which quality set is in force  | readers (60 s), sync  |
| catalogue | quality#VERSION       | 000                     | a chunk of a quality set       | new versions          |
| vault     | secret#NAME           | secret                  | a data key, versions in force  | calls (5 min)         |
| vault     | secret#NAME           | version#VERSION         | a tenant's keys, sealed        | the same query        |
| runtime   | circuit#P             | MODEL                   | how a model's calls go         | calls (2 to 30 s)     |
| runtime   | health#P#0            | 000029901234#MODEL      | a model's outcomes of a minute | health, calls (15 s)  |
| runtime   | health#P#0            | 000029901234@MODEL      | its failures, and who met them | health, calls (15 s)  |
| runtime   | rate-limit#SUBJECT    | rate-limit              | what was taken of a minute     | limited calls         |

No other file spells a `#`. There are no scans.
"""

from datetime import date
from typing import Final

Key = tuple[str, str]

TENANTS: Final = "tenants"
SERVICE_KEYS: Final = "service-key#"
EXCHANGED_KEYS: Final = "exchanged-key#"
TRUSTED_ISSUERS: Final = "trusted-issuers"
PROVIDER_KEYS: Final = "provider-key#"
PROVIDER_KEYS_AND_VAULT: Final = "provider-key"  # the pointer sorts last, so that it is not older than the keys
BUDGETS: Final = "budget#"
TEAMS: Final = "team#"
ALLOW_LISTS: Final = "allow-list#"
OWN_PRICES: Final = "own-price#"
ENDED_PRICES: Final = "ended-price#"
MODEL_SUMS: Final = "model#"
CELL_SUMS: Final = "cell#"
END_USER_SUMS: Final = {"user": "user#", "session": "session#"}
FIRST_OF_DAY: Final = "known#"
OPEN_SHARDS: Final = 8  # partitions that all open attempts are spread over; each takes 1,000 write units a second
SUM_SHARDS: Final = 2  # items that the sums of one group are spread over, so that roll-ups rarely meet at one
LEDGER_SHARDS: Final = 4  # partitions of one tenant's rows of a day
NARROWED_HOLDS: Final = "narrowed-holds"
UNFINISHED_EXPORTS: Final = "unfinished-exports"
PIECE_DIGITS: Final = 5
YOUNG_BUDGETS: Final = "young-budgets"
BOOK: Final = "book"
EVENTS: Final = "events"
SEQUENCE_DIGITS: Final = 12  # sorts as text up to a refresh every second for thirty thousand years
CHUNK_DIGITS: Final = 3
SECRET_HEAD: Final = "secret"
HEALTH_SHARDS: Final = 2  # items that a model's outcomes of a minute are spread over, a thousand a second each
MINUTE_DIGITS: Final = 12


def service_key(key_id: str) -> Key:
    """Return the key of a service key, by its public id."""
    return f"service-key#{key_id}", "service-key"


def tenant(tenant_id: str) -> Key:
    """Return the key of a tenant in the directory of all of them."""
    return TENANTS, tenant_id


def tenant_items(tenant_id: str) -> str:
    """Return the partition of a tenant's settings."""
    return f"tenant#{tenant_id}"


def tenant_service_key(tenant_id: str, key_id: str) -> Key:
    """Return the key of the item by which a tenant's service keys are listed."""
    return tenant_items(tenant_id), f"{SERVICE_KEYS}{key_id}"


def tenant_exchanged_key(tenant_id: str, key_id: str) -> Key:
    """Return the key of the item by which the keys are listed that a tenant's tokens were exchanged for."""
    return tenant_items(tenant_id), f"{EXCHANGED_KEYS}{key_id}"


def trusted_issuer(issuer_id: str) -> Key:
    """Return the key of a trusted issuer."""
    return TRUSTED_ISSUERS, issuer_id


def issuer_keys(issuer_id: str) -> Key:
    """Return the key of an issuer's keys as they were last read."""
    return "issuer-keys", issuer_id


def provider_key(tenant_id: str, key_id: str) -> Key:
    """Return the key of a provider key's metadata."""
    return tenant_items(tenant_id), f"{PROVIDER_KEYS}{key_id}"


def vault(tenant_id: str) -> Key:
    """Return the key of a tenant's vault pointer."""
    return tenant_items(tenant_id), "provider-keys"


def budget_setting(tenant_id: str, scope: str, window: str) -> Key:
    """Return the key of a budget as it was set."""
    return tenant_items(tenant_id), f"{BUDGETS}{scope}#{window}"


def team(tenant_id: str, team_id: str) -> Key:
    """Return the key of a tenant's team."""
    return tenant_items(tenant_id), f"{TEAMS}{team_id}"


def allow_list(tenant_id: str, scope: str) -> Key:
    """Return the key of the models that a scope of a tenant may call."""
    return tenant_items(tenant_id), f"{ALLOW_LISTS}{scope}"


def own_price(tenant_id: str, price_id: str) -> Key:
    """Return the key of a tenant's own price."""
    return tenant_items(tenant_id), f"{OWN_PRICES}{price_id}"


def ended_price(tenant_id: str, price_id: str) -> Key:
    """Return the key of an own price that has been ended."""
    return tenant_items(tenant_id), f"{ENDED_PRICES}{price_id}"


def preferences(tenant_id: str) -> Key:
    """Return the key of a tenant's preferences."""
    return tenant_items(tenant_id), "preferences"


def price_alert_settings(tenant_id: str) -> Key:
    """Return the key of a tenant's settings of price alerts."""
    return tenant_items(tenant_id), "price-alerts"


def audit(tenant_id: str) -> str:
    """Return the partition of a tenant's audit entries, whose sort keys are ULIDs."""
    return f"audit#{tenant_id}"


def audit_entry(tenant_id: str, entry_id: str) -> Key:
    """Return the key of an audit entry, by its id."""
    return audit(tenant_id), entry_id


def open_shard(shard: int) -> str:
    """Return a partition of attempts that the sums do not hold yet."""
    return f"open#{shard}"


def open_position(tenant_id: str, call_id: str = "", label: str = "") -> str:
    """Return the sort key of an open attempt; without a call or a label, the prefix of a tenant's or a call's."""
    return f"{tenant_id}#{call_id}#{label}" if call_id else f"{tenant_id}#"


def process_lease(maker: str) -> Key:
    """Return the key of a process's lease, by its name."""
    return f"process#{maker}", "lease"


def ledger(tenant_id: str, day: date, shard: int) -> str:
    """Return a partition of a tenant's ledger rows of one day (UTC)."""
    return f"ledger#{tenant_id}#{day.isoformat()}#{shard}"


def ledger_position(call_id: str, label: str = "") -> str:
    """Return the sort key of a row among those of its day: by time, for a call id begins with it."""
    return f"{call_id}#{label}"


def is_ledger(partition: str) -> bool:
    """Return whether a partition holds ledger rows."""
    return partition.startswith("ledger#")


def row_named(partition: str, position: str) -> tuple[str, str, str]:
    """Return the tenant, the call and the label of a row's key."""
    call_id, _, label = position.partition("#")
    return partition.removeprefix("ledger#").rsplit("#", 2)[0], call_id, label


def call_of(position: str) -> str:
    """Return the call of a row's sort key."""
    return position.partition("#")[0]


def budget_windows(tenant_id: str, scope: str) -> str:
    """Return the partition of a budget scope's windows."""
    return f"budget#{tenant_id}#{scope}"


def budget_window(tenant_id: str, scope: str, window: str, lane: int = 0) -> Key:
    """Return the key of a lane of a budget's window: its spending and holds, and in the first one its limit."""
    return budget_windows(tenant_id, scope), f"{window}#{lane:02d}" if lane else window


def posted(tenant_id: str, scope: str, window: str) -> Key:
    """Return the key of a window's spending by the ledger's rows."""
    return budget_windows(tenant_id, scope), f"posted#{window}"


def budget_scopes(tenant_id: str) -> str:
    """Return the partition that lists the scopes of which a tenant's budgets have windows."""
    return f"budget-scopes#{tenant_id}"


def young_budget_position(tenant_id: str, scope: str = "", window: str = "") -> str:
    """Return the sort key of a young budget; without a scope the prefix of a tenant's."""
    return f"{tenant_id}#{scope}#{window}" if scope else f"{tenant_id}#"


def usage_month(tenant_id: str, month: str) -> str:
    """Return the partition of a tenant's sums of a month, `2026-11`."""
    return f"usage#{tenant_id}#{month}"


def day_of_month(kind: str, day: int, *, through: bool = False) -> str:
    """Return the sort key at which the sums of a day begin in their month, or, with `through`, at which they end."""
    return f"{kind}{day:02d}#" + ("\U0010ffff" if through else "")


def model_sum(day: int, provider: str, model: str, shard: int) -> str:
    """Return the sort key of a day's sums of a model."""
    return f"{MODEL_SUMS}{day:02d}#{provider}#{model}#{shard}"


def cell_sum(day: int, cell: str, shard: int) -> str:
    """Return the sort key of a day's sums of a cell, which is named by a hash of everything that it groups by."""
    return f"{CELL_SUMS}{day:02d}#{cell}#{shard}"


def end_user_sum(kind: str, day: int, cell: str, shard: int) -> str:
    """Return the sort key of a day's sums of an end user or a session, named by a hash of what it groups by."""
    return f"{END_USER_SUMS[kind]}{day:02d}#{cell}#{shard}"


def first_of_day(tenant_id: str, kind: str, month: str, day: int) -> Key:
    """Return the key of the set of end users, or of tags, that a day's sums tell apart."""
    return usage_month(tenant_id, month), f"{FIRST_OF_DAY}{kind}#{day:02d}"


def narrowed_hold(model: str) -> Key:
    """Return the key of a model whose holds are narrowed, by its id."""
    return NARROWED_HOLDS, model


def idempotent_calls(tenant_id: str) -> str:
    """Return the partition of a tenant's requests that carry an Idempotency-Key."""
    return f"idempotency#{tenant_id}"


def idempotent_call(tenant_id: str, name: str) -> Key:
    """Return the key of a request's record, by the hash of its Idempotency-Key."""
    return idempotent_calls(tenant_id), name


def answer_part(tenant_id: str, name: str, token: str, number: int) -> Key:
    """Return the key of a part of an answer that is too long for its request's own item."""
    return idempotent_calls(tenant_id), f"{answer_parts(name, token)}{number:0{CHUNK_DIGITS}d}"


def answer_parts(name: str, token: str) -> str:
    """Return the prefix of the sort keys of all parts of an answer."""
    return f"{name}#{token}#"


def is_answer_part(position: str) -> bool:
    """Return whether a sort key is one of a part, not of a request."""
    return "#" in position


def price_alerts(tenant_id: str) -> str:
    """Return the partition of the price alerts that a tenant was sent."""
    return f"price-alerts#{tenant_id}"


def price_alert(tenant_id: str, sequence: int) -> Key:
    """Return the key of the alert of an activation, by its number in the price book."""
    return price_alerts(tenant_id), book_position(sequence)


def usage_exports(tenant_id: str) -> str:
    """Return the partition of a tenant's exports of usage."""
    return f"exports#{tenant_id}"


def usage_export(tenant_id: str, export_id: str) -> Key:
    """Return the key of an export."""
    return usage_exports(tenant_id), export_id


def unfinished_export(tenant_id: str, export_id: str) -> Key:
    """Return the key of the item by which an export that has not ended is found, oldest first."""
    return UNFINISHED_EXPORTS, f"{export_id}#{tenant_id}"


def of_unfinished_export(sort_key: str) -> tuple[str, str]:
    """Return the tenant and the export of such an item."""
    export_id, _, tenant_id = sort_key.partition("#")
    return tenant_id, export_id


def export_piece(tenant_id: str, export_id: str, number: int) -> str:
    """Return the partition of a piece of an export's file."""
    return f"export#{tenant_id}#{export_id}#{number:0{PIECE_DIGITS}d}"


def circuit(provider: str, model: str) -> Key:
    """Return the key of a model's circuit."""
    return f"circuit#{provider}", model


def rate_limit(subject: str) -> Key:
    """Return the key of a subject's rate limit."""
    return f"rate-limit#{subject}", "rate-limit"


def book_entry(sequence: int) -> Key:
    """Return the key of an entry of the price book, by its number."""
    return BOOK, book_position(sequence)


def book_position(sequence: int) -> str:
    """Return the sort key of an entry in the book's order."""
    return f"{sequence:0{SEQUENCE_DIGITS}d}"


def snapshot(version: str) -> str:
    """Return the partition of a snapshot's chunks."""
    return f"snapshot#{version}"


def event_chunk(sequence: int, number: int) -> Key:
    """Return the key of a chunk of an entry's events; those of all entries are in one partition, in their order."""
    return EVENTS, f"{book_position(sequence)}#{number:0{CHUNK_DIGITS}d}"


def events_from(sequence: int) -> str:
    """Return a sort key before the events of an entry, and behind those of the one before it."""
    return book_position(sequence)


def sequence_of_events(sort_key: str) -> int:
    """Return the number of the entry that a chunk of events is of."""
    return int(sort_key.partition("#")[0])


def events_by_themselves(sequence: int) -> str:
    """Return the partition in which an entry's events were written before those of all entries shared one."""
    return f"events#{sequence:0{SEQUENCE_DIGITS}d}"


def price_lists(generation: str) -> str:
    """Return the partition of one generation of what independent price lists say."""
    return f"lists#{generation}"


def quarantine(generation: str) -> str:
    """Return the partition of one generation of the quarantine."""
    return f"quarantine#{generation}"


def shard(identity: str, shards: int) -> int:
    """Return the shard of a ULID: by its last characters, which are random."""
    return int.from_bytes(identity[-4:].encode(), "big") % shards


def chunk(partition: str, number: int) -> Key:
    """Return the key of a chunk, in a partition that holds one large value."""
    return partition, f"{number:0{CHUNK_DIGITS}d}"


JOURNAL: Final[Key] = ("refresh", "journal")
QUARANTINE: Final[Key] = ("refresh", "quarantine")
PRICE_LISTS: Final[Key] = ("refresh", "lists")


PRICE_ALERT_PROGRESS: Final[Key] = ("price-alerts", "progress")
CHECK_PROGRESS: Final[Key] = ("daily-check", "progress")

QUALITY_HEAD: Final[Key] = ("quality", "head")


def quality_set(version: str) -> str:
    """Return the partition of a quality set's chunks."""
    return f"quality#{version}"


def health(provider: str, shard: int) -> str:
    """Return a partition of a provider's minutes."""
    return f"health#{provider}#{shard}"


def health_position(minute: int) -> str:
    """Return the sort key at which a minute begins."""
    return f"{minute:0{MINUTE_DIGITS}d}"


def health_minute(provider: str, shard: int, minute: int, model: str) -> Key:
    """Return the key of a model's outcomes in a minute."""
    return health(provider, shard), f"{health_position(minute)}#{model}"


def health_failures(provider: str, shard: int, minute: int, model: str) -> Key:
    """Return the key of a model's failures in a minute."""
    return health(provider, shard), f"{health_position(minute)}@{model}"


def health_minute_of(position: str) -> tuple[int, str, bool]:
    """Return the minute and the model of a sort key, and whether it is the one of its failures."""
    minute, kind, model = position[:MINUTE_DIGITS], position[MINUTE_DIGITS], position[MINUTE_DIGITS + 1 :]
    return int(minute), model, kind == "@"


def secret(name: str) -> str:
    """Return the partition of a sealed secret, by its name, `TENANT/ULID`."""
    return f"secret#{name}"


def secret_head(name: str) -> Key:
    """Return the key of a secret's data key and of what is known of its versions."""
    return secret(name), SECRET_HEAD


def secret_version(name: str, version: str) -> Key:
    """Return the key of a version of a secret."""
    return secret(name), f"version#{version}"
