"""The wire models of the routes of providers and their keys."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationInfo, field_validator

from atom_llm.domain.core.ids import ULID_LENGTH
from atom_llm.domain.core.providers import PROVIDER_BY_ID, ApiStyle
from atom_llm.domain.providers.key_verdict import ProbeResult
from atom_llm.domain.registry.health import HealthState
from atom_llm.domain.tenancy.provider_keys import MAX_LENGTH, MAX_MODELS, MIN_LENGTH, KeyStatus
from atom_llm.http.schemas import SHOWN, ControlModel

MAX_LABEL = 80  # characters
MAX_ENVIRONMENT = 40
MAX_MODEL_NAME = 256
MAX_ORDER = 1_000


def _known_provider(provider: str) -> str:
    if provider not in PROVIDER_BY_ID:
        raise ValueError(f"is none of {', '.join(PROVIDER_BY_ID)}")
    if PROVIDER_BY_ID[provider].access in ("operator", "open"):
        raise ValueError("is called without a key of yours")
    return provider


def _one_model(name: str) -> str:
    """Return a name that can be a model's: a pattern, or blanks around a name, would allow no model at all."""
    if "*" in name or name != name.strip() or not name.isprintable():
        raise ValueError("must be one model's name, as `provider/model` or the provider's own; no pattern")
    return name


def _printable(key: SecretStr) -> SecretStr:
    """Return a key of the right length and without blanks; the error tells the fault without the key."""
    text = key.get_secret_value()
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        raise ValueError(f"must have {MIN_LENGTH} to {MAX_LENGTH} characters")
    if not all("!" <= character <= "~" for character in text):
        raise ValueError("must be printable ASCII characters without blanks")
    return key


ProviderName = Annotated[
    str, StringConstraints(max_length=32), AfterValidator(_known_provider), Field(examples=["openai"])
]
ApiKey = Annotated[SecretStr, AfterValidator(_printable), Field(description="Never returned, logged or shown again.")]
KeyName = Annotated[
    str,
    StringConstraints(min_length=ULID_LENGTH, max_length=ULID_LENGTH, pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
]
Label = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LABEL, strip_whitespace=True), SHOWN]
Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ENVIRONMENT, pattern=r"^[\w.-]+$")]
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_MODEL_NAME), AfterValidator(_one_model)]
Models = Annotated[tuple[ModelName, ...], Field(min_length=1, max_length=MAX_MODELS)]
Order = Annotated[int, Field(ge=1, le=MAX_ORDER, strict=True, description="Lower ones are used first.")]


class KeyIn(ControlModel):
    """A provider key to be stored; with `validate` it is tested at once."""

    provider: ProviderName
    api_key: ApiKey
    label: Label | None = None
    environment: Word | None = None
    allowed_models: Models | None = None
    order: Order | None = None
    test: Annotated[bool, Field(alias="validate")] = False

    @field_validator("label", "allowed_models")
    @classmethod
    def _is_not_the_key(cls, value: str | tuple[str, ...] | None, info: ValidationInfo) -> object:
        """Refuse the key itself, pasted twice, in a field that is stored and shown as it comes."""
        key = info.data.get("api_key")
        words = (value,) if isinstance(value, str) else value or ()
        if key is not None and any(key.get_secret_value() in word for word in words):
            raise ValueError("holds the key itself")
        return value


class KeyChangeIn(ControlModel):
    """The changes of a key beside its material; a field that is left out stays."""

    label: Label | None = None
    environment: Word | None = None
    allowed_models: Models | None = None
    any_model: Annotated[bool, Field(description="Lift the limit to certain models.")] = False
    order: Order | None = None


class RotationIn(ControlModel):
    """New material for a key; with `validate` it is tested at once."""

    api_key: ApiKey
    test: Annotated[bool, Field(alias="validate")] = False


class ProbeOut(ControlModel):
    """The result of a key's last test."""

    result: ProbeResult
    at: datetime
    detail: str


class KeyOut(ControlModel):
    """A provider key, without it. `status_reason` says why it is not used, where it is not."""

    id: str
    provider: str
    last4: str
    fingerprint: str
    status: KeyStatus
    status_reason: str | None
    status_at: datetime | None
    is_active: bool
    order: int
    label: str | None
    environment: str | None
    allowed_models: list[str] | None
    created_at: datetime
    rotated_at: datetime | None
    deleted_at: datetime | None
    last_test: ProbeOut | None


class StoredKeyOut(KeyOut):
    """A key that was stored or rotated, with warnings where its shape is unusual."""

    warnings: list[str]


class KeysOut(ControlModel):
    """Provider keys in the order of their ids, which is that of their making."""

    items: list[KeyOut]
    next_cursor: str | None


class ProviderOut(ControlModel):
    """A provider. `health` is measured from all tenants' calls of five minutes: unknown where there are too few."""

    id: str
    display_name: str
    api_style: ApiStyle
    base_url: str
    model_count: int
    capabilities: list[str]
    has_active_key: bool
    key_status: KeyStatus | None
    health: HealthState


class ProvidersOut(ControlModel):
    """The providers whose keys a tenant can bring."""

    items: list[ProviderOut]
    next_cursor: str | None = None
