"""Data keys of AWS KMS: each seals the secrets of one name, and is stored beside them as KMS wrapped it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from atom_llm.domain.core.errors import VaultUnavailable
from atom_llm.ports.core import Clock
from atom_llm.process_cache import TimedMap

if TYPE_CHECKING:
    from mypy_boto3_kms.client import KMSClient

CONNECT_TIMEOUT_S: Final = 0.5  # inside a region a connection takes milliseconds
READ_TIMEOUT_S: Final = 1.0  # KMS answers within a few of them

OPEN_FOR: Final = timedelta(hours=1)  # how long after the key was disabled a process may still open what it has opened
MOST_OPEN: Final = 1_000  # data keys in the memory of a process; as many tenants as it remembers the keys of

Context = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of 256 bits, and the form in which KMS alone can open it."""

    plain: bytes = field(repr=False)
    wrapped: bytes


def kms_client() -> "KMSClient":
    """Make the client of a process; it asks once, for its caller knows what may be repeated."""
    import boto3
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 1}
    return boto3.client(
        "kms", config=Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)
    )


class KmsDataKeys:
    """The data keys of a process. Each is bound to a context, without which KMS does not open it.

    KMS writes the context into its log, so that it holds names and nothing secret.
    """

    def __init__(self, client: "Callable[[], KMSClient]", key_id: str, clock: Clock, most: int = MOST_OPEN) -> None:
        """Take what makes the client, once it is needed, and the key that wraps; `most` data keys are remembered."""
        self._make_client = client
        self._client: KMSClient | None = None
        self._key_id = key_id
        self._opened: TimedMap[tuple[bytes, frozenset[tuple[str, str]]], bytes] = TimedMap(clock, OPEN_FOR, most)

    def new(self, context: Context) -> DataKey:
        """Draw a data key for a context; raises `VaultUnavailable`."""
        answer = self._ask("generate_data_key", KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context))
        made = DataKey(answer["Plaintext"], answer["CiphertextBlob"])
        self._opened.put((made.wrapped, frozenset(context.items())), made.plain)
        return made

    def open(self, wrapped: bytes, context: Context) -> bytes:
        """Return the data key that was wrapped for a context; raises `VaultUnavailable`, for another context too."""
        remembered = self._opened.fresh((wrapped, frozenset(context.items())))
        if remembered is not None:
            return remembered
        self._opened.drop_expired()
        request = {"CiphertextBlob": wrapped, "KeyId": self._key_id, "EncryptionContext": dict(context)}
        try:
            answer = self._ask("decrypt", **request)
        except VaultUnavailable as error:
            if error.is_refusal:
                raise
            answer = self._ask("decrypt", **request)
        plain: bytes = answer["Plaintext"]
        self._opened.put((wrapped, frozenset(context.items())), plain)
        return plain

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            self._client = self._make_client()
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        except ClientError as error:
            raise VaultUnavailable(f"kms: {operation}: {error.response['Error']['Code']}", is_refusal=True) from None
        except BotoCoreError as error:
            raise VaultUnavailable(f"kms: {operation}: {type(error).__name__}") from None
        return answer
