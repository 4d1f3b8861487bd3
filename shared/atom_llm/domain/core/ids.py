"""Ids: ULIDs from a given instant and given random bits, and the types that keep ids of different things apart."""

from datetime import UTC, datetime, timedelta
from typing import Final, NewType

TenantId = NewType("TenantId", str)
ServiceKeyId = NewType("ServiceKeyId", str)
ProviderKeyId = NewType("ProviderKeyId", str)
CallId = NewType("CallId", str)

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES: Final = 10
ULID_LENGTH: Final = 26
TIME_CHARACTERS: Final = 10
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Two characters at a time: a call makes several ids.
_PAIRS: Final = tuple(high + low for high in CROCKFORD for low in CROCKFORD)
_SHIFTS: Final = tuple(range(5 * (ULID_LENGTH - 2), -1, -10))

_ALPHABET: Final = frozenset(CROCKFORD)


def ulid(at: datetime, randomness: bytes) -> str:
    """Return a ULID (26 characters of Crockford's base 32): 48 bits of milliseconds, then 80 random bits.

    Raises `ValueError` when there are not exactly ten random bytes.
    """
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"a ULID takes {RANDOM_BYTES} random bytes")
    number = (int(at.timestamp() * 1000) << 80) | int.from_bytes(randomness, "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])


def number_of(identity: str) -> int:
    """Return the 128 bits that a ULID spells; raises `ValueError` for anything else."""
    return _number_of(identity, ULID_LENGTH)


def instant_of(identity: str) -> datetime:
    """Return the instant at which a ULID was made, to the millisecond; raises `ValueError` for anything else."""
    number = _number_of(identity, TIME_CHARACTERS)
    try:
        return EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        raise ValueError("a ULID beyond the calendar") from None


def _number_of(identity: str, characters: int) -> int:
    """Return what the first characters of a ULID spell."""
    if len(identity) != ULID_LENGTH or not _ALPHABET.issuperset(identity) or identity[0] > "7":
        raise ValueError("not a ULID")
    number = 0
    for character in identity[:characters]:
        number = number << 5 | CROCKFORD.index(character)
    return number
