"""The wait that a provider asks for: `Retry-After` in all its forms, vendors' headers, and Google's `RetryInfo`."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

MAX_WAIT_S: Final = 86_400.0  # a day; whoever says more is asked again tomorrow

_MAX_LENGTH: Final = 64  # characters of a value; the longest form is a date of RFC 850
_NUMBER: Final = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:d|h|ms|us|µs|ns|m|s))+", re.ASCII)  # Go's `Duration.String`
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(d|h|ms|us|µs|ns|m|s)", re.ASCII)
_SECONDS: Final[Mapping[str, float]] = {
    "d": 86_400.0,
    "h": 3_600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
}
_EPOCH_FROM_S: Final = 1e9  # a reset as large as this is a moment, and no wait
_EPOCH_FROM_MS: Final = 1e12

# Which headers are a limit's reset. OpenAI and Groq: `x-ratelimit-reset-requests: 6m0s` (platform.openai.com/docs/
# guides/rate-limits, console.groq.com/docs/rate-limits); Mistral: `ratelimitbysize-reset: 42`; Anthropic:
# `anthropic-ratelimit-input-tokens-reset: 2026-01-01T00:00:00Z` (platform.claude.com/docs/en/api/rate-limits). Beside
# each stands what remains, under the same name with that word.
_RESET: Final = re.compile(r"(?:x-)?ratelimit[a-z]*-reset(?:-[a-z-]+)?|anthropic-ratelimit-[a-z-]+-reset")
_FULL_RESETS_COUNT: Final = (
    "anthropic-"  # Anthropic's are when a limit is whole again, and count only where it is used up
)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds from `now`, in [0, a day], that the answer's headers (names in lower case) ask to wait.

    None where `Retry-After` and `retry-after-ms` are absent, or cannot be read.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1_000)
    return _wait_s(headers.get("retry-after", ""), now)


def reset_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until the rate limit that was met is reset, by a vendor's own headers; None without any.

    That is the latest of those of which nothing remains; where that is said of none, the latest of all.
    """
    used_up, others = [], []
    for name, wait_s in _resets(headers, now):
        if _number(headers.get(name.replace("reset", "remaining"), "")) == 0:
            used_up.append(wait_s)
        elif not name.startswith(_FULL_RESETS_COUNT):
            others.append(wait_s)
    return max(used_up or others, default=None)


def told_retry_s(content: Any) -> float | None:
    """Return the seconds that Google asks to wait in a body: `google.rpc.RetryInfo` among the error's details."""
    error = content.get("error") if isinstance(content, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str):
            wait_s = _duration_s(delay)
            if wait_s is not None:
                return wait_s
    return None


def _resets(headers: Mapping[str, str], now: datetime) -> Iterator[tuple[str, float]]:
    for name, value in headers.items():
        if _RESET.fullmatch(name):
            wait_s = _wait_s(value, now)
            if wait_s is not None:
                yield name, wait_s


def _wait_s(value: str, now: datetime) -> float | None:
    """Read a wait in seconds: a number, a duration, a moment in seconds or milliseconds since 1970, or a date."""
    number = _number(value)
    if number is None:
        wait_s = _duration_s(value)
        return wait_s if wait_s is not None else _until_s(value, now)
    if number >= _EPOCH_FROM_MS:
        return _bounded(number / 1_000 - now.timestamp())
    if number >= _EPOCH_FROM_S:
        return _bounded(number - now.timestamp())
    return _bounded(number)


def _number(value: str) -> float | None:
    text = value.strip()
    return float(text) if len(text) <= _MAX_LENGTH and _NUMBER.fullmatch(text) else None


def _duration_s(value: str) -> float | None:
    text = value.strip()
    if len(text) > _MAX_LENGTH or not _DURATION.fullmatch(text):
        return None
    return _bounded(sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))


def _until_s(value: str, now: datetime) -> float | None:
    """Return the seconds until a date of HTTP (RFC 9110, 5.6.7, obsolete forms too) or RFC 3339; 0 if it is past."""
    text = value.strip()
    if not text or len(text) > _MAX_LENGTH:
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return _bounded((aware - now).total_seconds())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _bounded(wait_s: float) -> float:
    return min(max(wait_s, 0.0), MAX_WAIT_S)
