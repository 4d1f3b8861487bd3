"""Every key of every table, as functions.

| table     | pk                    | sk                      | item                           | read by               |
|-----------|-----------------------|-------------------------|--------------------------------|-----------------------|
| keys      | service-key#ID        | service-key             | a service key by its public id | every call (60 s)     |
| keys      | tenants               | TENANT                  | a tenant                       | calls (60 s), admins  |
| keys      | tenant#T              | service-key#ID          | that a tenant has this key     | list of service keys  |
| keys      | tenant#T              | provider-key#ID         | a provider key, without it     | calls (30 s), lists   |
| keys      | tenant#T              | provider-keys           | where the secrets are, a lease | the same query        |
| keys      | tenant#T              | budget#SCOPE#WINDOW     | a budget as it was set         | calls (30 s), lists   |
| keys      | tenant#T              | preferences             | what it wants of tiers         | calls (30 s)          |
| keys      | audit#T               | ULID                    | who changed what               | admins                |
| usage     | open#0                | T#CALL#ATTEMPT          | an attempt not yet in the sums | roll-up, sweep, proof |
| usage     | ledger#T#2026-11-23#0 | CALL#ATTEMPT            | a ledger row                   | calls, proof, reprice |
| usage     | budget#T#SCOPE        | month:2026-11-01        | a window: limit, spent, holds  | reserve, settle       |
| usage     | budget#T#SCOPE        | posted#month:2026-11-01 | what rows say was spent in it  | sum check             |
| usage     | usage#T#2026-11       | model#23#P#M#0          | sums of a day, provider, model | usage                 |
| usage     | usage#T#2026-11       | cell#23#HASH#0          | the same by key and tags also  | usage by key, by tag  |
| usage     | idempotency#T         | NAME                    | what became of a request       | calls that carry one  |
| usage     | idempotency#T         | NAME#TOKEN#000          | a part of its sealed answer    | repeats               |
| catalogue | book                  | 000000000042            | an entry of the price book     | head: newest first    |
| catalogue | snapshot#VERSION      | 000                     | a chunk of a snapshot          | new versions          |
| catalogue | events#000000000042   | 000                     | a chunk of an entry's events   | changes, history      |
| catalogue | refresh               | journal                 | state and lease of refreshes   | refresh, overview     |
| catalogue | refresh               | quarantine              | what is held, or where it is   | refresh, overview     |
| catalogue | quarantine#ID         | 000                     | a chunk of what is held        | the same              |
| catalogue | quality               | head                    | which quality set is in force  | readers (60 s), sync  |
| catalogue | quality#VERSION       | 000                     | a chunk of a quality set       | new versions          |
| runtime   | circuit#P             | MODEL                   | how a model's calls go         | calls (2 to 30 s)     |
| runtime   | health#P#0            | 000029901234#MODEL      | a model's outcomes of a minute | health, calls (15 s)  |
| runtime   | rate-limit#SUBJECT    | rate-limit              | what was taken of a minute     | limited calls         |

No other file spells a `#`. There are no scans.
"""

from datetime import date
from typing import Final

Key = tuple[str, str]

TENANTS: Final = "tenants"
SERVICE_KEYS: Final = "service-key#"
PROVIDER_KEYS: Final = "provider-key#"
PROVIDER_KEYS_AND_VAULT: Final = "provider-key"  # the pointer sorts last, so that it is not older than the keys
BUDGETS: Final = "budget#"
MODEL_SUMS: Final = "model#"
CELL_SUMS: Final = "cell#"
OPEN_SHARDS: Final = 8  # partitions that all open attempts are spread over; each takes 1,000 write units a second
SUM_SHARDS: Final = 2  # items that the sums of one group are spread over, so that roll-ups rarely meet at one
LEDGER_SHARDS: Final = 4  # partitions of one tenant's rows of a day
BOOK: Final = "book"
SEQUENCE_DIGITS: Final = 12  # sorts as text up to a refresh every second for thirty thousand years
CHUNK_DIGITS: Final = 3
HEALTH_SHARDS: Final = 2  # items that a model's outcomes of a minute are spread over, a thousand a second each
MINUTE_DIGITS: Final = 12


def service_key(key_id: str) -> Key:
    """A service key by the public part of it."""
    return f"service-key#{key_id}", "service-key"


def tenant(tenant_id: str) -> Key:
    """A tenant, in the directory of all of them."""
    return TENANTS, tenant_id


def tenant_items(tenant_id: str) -> str:
    """The partition of what a tenant has set up."""
    return f"tenant#{tenant_id}"


def tenant_service_key(tenant_id: str, key_id: str) -> Key:
    """That a tenant has a service key."""
    return tenant_items(tenant_id), f"{SERVICE_KEYS}{key_id}"


def provider_key(tenant_id: str, key_id: str) -> Key:
    """What is known of a provider key beside the key itself."""
    return tenant_items(tenant_id), f"{PROVIDER_KEYS}{key_id}"


def vault(tenant_id: str) -> Key:
    """Which secret, and which version of it, is a tenant's."""
    return tenant_items(tenant_id), "provider-keys"


def budget_setting(tenant_id: str, scope: str, window: str) -> Key:
    """A budget as it was set."""
    return tenant_items(tenant_id), f"{BUDGETS}{scope}#{window}"


def preferences(tenant_id: str) -> Key:
    """What a tenant wants of cognitive tiers."""
    return tenant_items(tenant_id), "preferences"


def audit(tenant_id: str) -> str:
    """The partition of a tenant's audit entries, whose sort keys are ULIDs."""
    return f"audit#{tenant_id}"


def open_shard(shard: int) -> str:
    """A partition of attempts that the sums do not hold yet."""
    return f"open#{shard}"


def open_position(tenant_id: str, call_id: str = "", label: str = "") -> str:
    """Where an open attempt stands in its shard; without a call or a label, how those of a tenant or a call begin."""
    return f"{tenant_id}#{call_id}#{label}" if call_id else f"{tenant_id}#"


def ledger(tenant_id: str, day: date, shard: int) -> str:
    """A partition of a tenant's ledger rows of one day (UTC)."""
    return f"ledger#{tenant_id}#{day.isoformat()}#{shard}"


def ledger_position(call_id: str, label: str = "") -> str:
    """Where a row stands among those of its day: by time, for a call id begins with it."""
    return f"{call_id}#{label}"


def is_ledger(partition: str) -> bool:
    """Whether a partition holds ledger rows."""
    return partition.startswith("ledger#")


def call_of(position: str) -> str:
    """The call of a row's sort key."""
    return position.partition("#")[0]


def budget_windows(tenant_id: str, scope: str) -> str:
    """The partition of a budget scope's windows."""
    return f"budget#{tenant_id}#{scope}"


def budget_window(tenant_id: str, scope: str, window: str) -> Key:
    """A window of a budget: its limit, what was spent, its holds."""
    return budget_windows(tenant_id, scope), window


def posted(tenant_id: str, scope: str, window: str) -> Key:
    """What the ledger's rows say was spent in a window."""
    return budget_windows(tenant_id, scope), f"posted#{window}"


def usage_month(tenant_id: str, month: str) -> str:
    """The partition of a tenant's sums of a month, `2026-11`."""
    return f"usage#{tenant_id}#{month}"


def day_of_month(kind: str, day: int, *, through: bool = False) -> str:
    """Where the sums of a day begin in their month, or where its last one ends."""
    return f"{kind}{day:02d}#" + ("\U0010ffff" if through else "")


def model_sum(day: int, provider: str, model: str, shard: int) -> str:
    """The sort key of a day's sums of a model."""
    return f"{MODEL_SUMS}{day:02d}#{provider}#{model}#{shard}"


def cell_sum(day: int, cell: str, shard: int) -> str:
    """The sort key of a day's sums of a cell, which is named by a hash of everything that it groups by."""
    return f"{CELL_SUMS}{day:02d}#{cell}#{shard}"


def idempotent_calls(tenant_id: str) -> str:
    """The partition of a tenant's requests that carry an Idempotency-Key."""
    return f"idempotency#{tenant_id}"


def idempotent_call(tenant_id: str, name: str) -> Key:
    """What became of a request, by the hash of its key."""
    return idempotent_calls(tenant_id), name


def answer_part(tenant_id: str, name: str, token: str, number: int) -> Key:
    """A part of an answer that is too long for its request's own item."""
    return idempotent_calls(tenant_id), f"{answer_parts(name, token)}{number:0{CHUNK_DIGITS}d}"


def answer_parts(name: str, token: str) -> str:
    """How the sort keys of all parts of an answer begin."""
    return f"{name}#{token}#"


def is_answer_part(position: str) -> bool:
    """Whether a sort key is one of a part, not of a request."""
    return "#" in position


def circuit(provider: str, model: str) -> Key:
    """How a model's calls go."""
    return f"circuit#{provider}", model


def rate_limit(subject: str) -> Key:
    """What a subject took of its minute."""
    return f"rate-limit#{subject}", "rate-limit"


def book_entry(sequence: int) -> Key:
    """An entry of the price book by its number."""
    return BOOK, book_position(sequence)


def book_position(sequence: int) -> str:
    """Where an entry stands in the book's order."""
    return f"{sequence:0{SEQUENCE_DIGITS}d}"


def snapshot(version: str) -> str:
    """The partition of a snapshot's chunks."""
    return f"snapshot#{version}"


def events(sequence: int) -> str:
    """The partition of an entry's events."""
    return f"events#{sequence:0{SEQUENCE_DIGITS}d}"


def quarantine(generation: str) -> str:
    """The partition of one generation of the quarantine."""
    return f"quarantine#{generation}"


def shard(identity: str, shards: int) -> int:
    """The shard of a ULID: by its last characters, which are random."""
    return int.from_bytes(identity[-4:].encode(), "big") % shards


def chunk(partition: str, number: int) -> Key:
    """A chunk of a partition that holds one large value."""
    return partition, f"{number:0{CHUNK_DIGITS}d}"


JOURNAL: Final[Key] = ("refresh", "journal")
QUARANTINE: Final[Key] = ("refresh", "quarantine")


QUALITY_HEAD: Final[Key] = ("quality", "head")


def quality_set(version: str) -> str:
    """The partition of a quality set's chunks."""
    return f"quality#{version}"


def health(provider: str, shard: int) -> str:
    """A partition of a provider's minutes."""
    return f"health#{provider}#{shard}"


def health_position(minute: int) -> str:
    """Where a minute begins."""
    return f"{minute:0{MINUTE_DIGITS}d}"


def health_minute(provider: str, shard: int, minute: int, model: str) -> Key:
    """What became of a model's calls in a minute."""
    return health(provider, shard), f"{health_position(minute)}#{model}"


def health_minute_of(position: str) -> tuple[int, str]:
    """Minute and model of a sort key."""
    minute, _, model = position.partition("#")
    return int(minute), model
