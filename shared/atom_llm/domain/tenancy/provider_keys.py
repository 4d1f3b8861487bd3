"""Provider keys: the metadata of a key, the rule by which it may be used, and the changes of its status."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from atom_llm.domain.core.ids import ProviderKeyId, ServiceKeyId, TenantId
from atom_llm.domain.providers.key_verdict import ProbeResult

MAX_KEYS: Final = 50  # of one tenant, tombstones left out; their map has to fit into one secret of 64 KB
MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 512  # characters of a key
MAX_MODELS: Final = 100  # that a key may be limited to
MODEL_NOT_ALLOWED: Final = "model_not_allowed"  # why a key that could be used is not, for this model
FINGERPRINT_DIGITS: Final = 16  # hex; tells a tenant's keys apart and is good for nothing else

# The shapes that providers give their keys today. They change without notice, hence a warning and no refusal.
SHAPES: Final[dict[str, tuple[re.Pattern[str], str]]] = {
    "openai": (re.compile(r"sk-(?!ant-)[\w-]{16,}", re.ASCII), "begins with sk-"),
    "anthropic": (re.compile(r"sk-ant-[\w-]{16,}", re.ASCII), "begins with sk-ant-"),
    "google": (re.compile(r"AIza[\w-]{35}|AQ\.[\w.-]{16,}", re.ASCII), "begins with AIza and has 39 characters"),
    "groq": (re.compile(r"gsk_\w{16,}", re.ASCII), "begins with gsk_"),
    "deepseek": (re.compile(r"sk-[\w-]{16,}", re.ASCII), "begins with sk-"),
    "qwen": (re.compile(r"sk-[\w-]{16,}", re.ASCII), "begins with sk-"),
    "meta": (re.compile(r"LLM\|[\w|-]{8,}", re.ASCII), "begins with LLM|"),
    "zhipu": (re.compile(r"[0-9a-fA-F]{32}\.\w{8,}", re.ASCII), "is 32 hex digits, a point and a secret"),
}


class KeyStatus(StrEnum):
    """The status of a key by its last test or call."""

    UNTESTED = "untested"
    VALID = "valid"
    INVALID = "invalid"
    OUT_OF_CREDIT = "out_of_credit"


USABLE: Final = frozenset({KeyStatus.UNTESTED, KeyStatus.VALID})


@dataclass(frozen=True, slots=True)
class KeyTest:
    """The result of a test of a key; `detail` gives the reason in our words, never in the provider's."""

    result: ProbeResult
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class ProviderKey:
    """A tenant's key at a provider. `material` counts its rotations; keys of lower `order` are used first.

    `allowed_models` None stands for every model. `status_reason` says why the key is not used, where it is not.
    `stored_by` is the service key that asked for it, None where that is not known.
    """

    key_id: ProviderKeyId
    tenant: TenantId
    provider: str
    last4: str
    fingerprint: str
    created_at: datetime
    status: KeyStatus = KeyStatus.UNTESTED
    material: int = 1
    order: int = 0
    label: str | None = None
    environment: str | None = None
    allowed_models: tuple[str, ...] | None = None
    rotated_at: datetime | None = None
    status_reason: str | None = None
    status_at: datetime | None = None
    probe: KeyTest | None = None
    deleted_at: datetime | None = None
    stored_by: ServiceKeyId | None = None

    @property
    def is_usable(self) -> bool:
        """Return whether calls may be made with it."""
        return self.deleted_at is None and self.status in USABLE

    def allows(self, model: str) -> bool:
        """Return whether it may be used for a model, by its id or by the provider's own name of it."""
        return self.allowed_models is None or any(name in self.allowed_models for name in names_of(model))


def names_of(model: str) -> tuple[str, str]:
    """Return the names by which a key may be limited to a model: its id, and the provider's own name in it."""
    return model, model.partition("/")[2]


def is_repetition(asked: ProviderKey, stored: ProviderKey) -> bool:
    """Return whether a stored key is what this very request made when it came before, its answer having been lost.

    It is the same material, so that its fingerprint need not be compared; the same caller said the same about it, and
    nobody has replaced the material since. An order of 0 is one that the caller left open.
    """
    said = (asked.provider, asked.label, asked.environment, asked.allowed_models, asked.stored_by)
    known = (stored.provider, stored.label, stored.environment, stored.allowed_models, stored.stored_by)
    return said == known and asked.order in (0, stored.order) and stored.rotated_at is None


def fingerprint(pepper: bytes, tenant: TenantId, plaintext: str) -> str:
    """Return a keyed hash by which a tenant's equal keys are known; another tenant's same key has another one."""
    return hmac.digest(pepper, f"{tenant} {plaintext}".encode(), sha256).hex()[:FINGERPRINT_DIGITS]


def in_order(keys: Iterable[ProviderKey]) -> list[ProviderKey]:
    """Sort keys by their order, then by age."""
    return sorted(keys, key=lambda key: (key.order, key.key_id))


def usable(keys: Iterable[ProviderKey], provider: str, model: str) -> list[ProviderKey]:
    """Return the keys of a provider that a call of a model may be made with, first to last."""
    return in_order(key for key in keys if key.provider == provider and key.is_usable and key.allows(model))


def why_not(keys: Iterable[ProviderKey], provider: str, model: str) -> dict[str, str]:
    """Return the reason for each key of a provider that may not be used, by key id; deleted keys are left out."""
    reasons = {}
    for key in in_order(key for key in keys if key.provider == provider and key.deleted_at is None):
        if not key.is_usable:
            reasons[str(key.key_id)] = str(key.status)
        elif not key.allows(model):
            reasons[str(key.key_id)] = MODEL_NOT_ALLOWED
    return reasons


def status_after(result: ProbeResult, before: KeyStatus) -> KeyStatus:
    """Return the status of a key after a test; a provider that could not be reached leaves it as it was."""
    match result:
        case "valid":
            return KeyStatus.VALID
        case "invalid":
            return KeyStatus.INVALID
        case "out_of_credit":
            return KeyStatus.OUT_OF_CREDIT
        case "unreachable":
            return before


# What a call says about the key that it was made with, and of which keys that is news. That a call succeeded proves a
# key that nobody tested; of one that was marked meanwhile it is an older story.
AFTER_A_CALL: Final[Mapping[ProbeResult, tuple[KeyStatus, frozenset[KeyStatus]]]] = {
    "valid": (KeyStatus.VALID, frozenset({KeyStatus.UNTESTED})),
    "invalid": (KeyStatus.INVALID, frozenset(KeyStatus) - {KeyStatus.INVALID}),
    "out_of_credit": (KeyStatus.OUT_OF_CREDIT, frozenset(KeyStatus) - {KeyStatus.OUT_OF_CREDIT}),
}


def shape_warnings(provider: str, plaintext: str) -> list[str]:
    """Return a warning where a key has not its provider's usual shape; only a test tells whether it works."""
    shape = SHAPES.get(provider)
    if shape is None or shape[0].fullmatch(plaintext):
        return []
    return [f"a key of {provider} usually {shape[1]}; this one differs"]
