"""The kinds of failure of a call to a provider that routing distinguishes."""

from enum import StrEnum
from typing import ClassVar

from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.pricing.reported import ReportedUsage


class FailureKind(StrEnum):
    """The kind of a failed attempt, which decides what is tried next (docs/routing.md, "Failure")."""

    REQUEST = "request"  # the provider says that the request is wrong: 400, 422
    UNTRANSLATABLE = "untranslatable"  # our translation for this provider refuses it, before anything is sent
    UNSUPPORTED = "unsupported"  # this model will not: unknown there, or lacking what was asked; another one may
    CONTEXT_LENGTH = "context_length"  # the prompt does not fit into this model
    CONTENT_FILTER = "content_filter"  # the provider will not answer this prompt
    KEY_INVALID = "key_invalid"  # 401, 403
    OUT_OF_CREDIT = "out_of_credit"  # 402, or a 429 that means that the quota is used up
    TRANSIENT = "transient"  # 408, 409, 425, 5xx, 529, reset, DNS, TLS, and an answer that cannot be read
    RATE_LIMITED = "rate_limited"  # 429
    SILENT = "silent"  # no headers, or no first token, within the limit
    CUT = "cut"  # a stream that ended or fell silent before it was whole


class ProviderFailure(AtomError):
    """An attempt that failed. `message` is the provider's reason where it gave one, redacted, never its whole body.

    `status` is None where there was no answer. `retry_after_s` is the provider's wait, in seconds from now.
    `provider_code` and `param` are the provider's own, for a caller whose request was wrong. `reported` is the usage of
    an answer that cannot be used. `was_sent` is false where no provider can have seen the request, and `was_begun` true
    where an answer with the status of success broke off.
    """

    code: ClassVar[str] = "provider_failed"

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        provider_code: str | None = None,
        param: str | None = None,
        reported: ReportedUsage | None = None,
        was_sent: bool = True,
        was_begun: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.provider_code = provider_code
        self.param = param
        self.reported = reported
        self.was_sent = was_sent
        self.was_begun = was_begun
