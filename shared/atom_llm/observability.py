"""Structured logs and metrics, through Powertools; secrets are taken out in the formatter, not at the call sites."""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, TextIO

import orjson

from atom_llm.secret_spellings import LEAST_TELLING, holds, letters, without

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

NAMESPACE: Final = "AtomLLM"  # where the environment names none
_LEVELS: Final = ("AWS_LAMBDA_LOG_LEVEL", "POWERTOOLS_LOG_LEVEL", "LOG_LEVEL")  # the first that is set counts

REDACTED: Final = "[redacted]"
# Our service keys, the shapes of providers' keys (`sk-…`, `sk-ant-…`, `AIza…`, `gsk_…`), and what a header holds.
_SECRETS: Final = re.compile(
    r"atom_[a-z]{2,10}_[0-9A-Za-z]{12}_[0-9A-Za-z]+"
    r"|\b(?:sk|rk|pk|gsk|xai|csk|pplx|key)[-_][0-9A-Za-z_-]{16,}"
    r"|\bAIza[0-9A-Za-z_-]{20,}"
    # What a header's name announces: the name stays, with its quotes, so that the line stays JSON.
    r"|(?P<name>(?i:authorization|x-api-key|x-goog-api-key|api[_-]key)[\\\"']*\s*[:=]\s*[\\\"']*"
    r"(?i:(?:bearer|basic)\s+)?)[^\s\"'\\,}]{4,}"
    r"|(?P<scheme>(?i:\b(?:bearer|basic)\s+))[^\s\"'\\,]{8,}"
)


def _spelt(content: object) -> str:
    return orjson.dumps(content, default=str).decode()


@dataclass(slots=True)
class OwnSecrets:
    """The secrets of one request, and the letters of those that are long enough to be told from words."""

    spelt: list[str] = field(default_factory=list)
    told_apart: list[bytes] = field(default_factory=list)

    def add(self, secret: str) -> None:
        """Add a secret in each of its spellings in a log."""
        for each in dict.fromkeys((secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])):
            self.spelt.append(each)
            found = letters(each)
            if len(found) >= LEAST_TELLING and found not in self.told_apart:
                self.told_apart.append(found)


_own_secrets: Final[ContextVar[OwnSecrets | None]] = ContextVar("own_secrets", default=None)


class RequestWithSecrets:
    """A request: within it secrets given to `hide` are kept out of the log, also those that a thread of it adds."""

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before: Token[OwnSecrets | None] = _own_secrets.set(OwnSecrets())

    def __exit__(self, *_: object) -> None:
        _own_secrets.reset(self._before)


def hide(secret: str) -> None:
    """Keep a secret of this request out of answers and the log, whatever its shape, and however it is spelt there."""
    known = _own_secrets.get()
    if known is not None and secret and secret not in known.spelt:
        known.add(secret)


def redacted(text: str) -> str:
    """Return a text without the request's own secrets and without anything that has the shape of a key."""
    own = _own_secrets.get()
    if own is not None:
        for secret in own.spelt:
            text = text.replace(secret, REDACTED)
        for spelt in own.told_apart:
            text = without(text, spelt, REDACTED)
    return _SECRETS.sub(lambda found: f"{found['name'] or found['scheme'] or ''}{REDACTED}", text)


def has_own_secrets(text: bytes) -> bool:
    """Return whether a text in UTF-8 has any of the request's own secrets, however it is spelt there."""
    own = _own_secrets.get()
    return own is not None and holds(text, own.told_apart)


def redacted_json(text: bytes) -> bytes:
    """Return a JSON text in UTF-8 without the request's own secrets in any name or text of it.

    It is the same object where it has none. A text that is no JSON is redacted as it stands.
    """
    if not has_own_secrets(text):
        return text
    said = text.decode("utf-8-sig", errors="replace")
    try:
        kept = json.dumps(_without_secrets(json.loads(said)))
    except (ValueError, RecursionError):
        kept = redacted(said)
    return kept.encode("utf-8", "replace")


def _without_secrets(content: object) -> object:
    match content:
        case str():
            return redacted(content)
        case list():
            return [_without_secrets(each) for each in content]
        case dict():
            return {redacted(name): _without_secrets(value) for name, value in content.items()}
        case _:
            return content


@cache
def _lines() -> "logging.StreamHandler[TextIO]":
    return logging.StreamHandler(sys.stdout)


@cache
def _of_service() -> logging.Logger:
    """Return the standard library's logger behind Powertools', which is loaded with the first line of another kind than
    `record` writes: most requests write none."""
    found = logging.getLogger(os.environ.get("POWERTOOLS_SERVICE_NAME") or "service_undefined")
    if found.level == logging.NOTSET:
        named = next(filter(None, map(os.environ.get, _LEVELS)), "INFO")
        found.setLevel(logging.getLevelNamesMapping().get(named.upper(), logging.INFO))
    return found


@lru_cache(maxsize=1)
def logger() -> "Logger":
    """Return the logger of this process: one JSON object a line."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class Redacting(LambdaPowertoolsFormatter):
        """Whatever is logged passes here last, tracebacks included."""

        def serialize(self, log: Any) -> str:
            return redacted(super().serialize(log))

    made = Logger(
        logger_handler=_lines(),
        logger_formatter=Redacting(use_rfc3339=True, utc=True),
        log_uncaught_exceptions=False,
    )
    logging.getLogger(made.service).propagate = False  # another handler would write it unredacted
    return made


@cache
def namespace() -> str:
    """Return where metrics are counted: one namespace an environment, so that two in an account share no series."""
    return os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE


def emit(values: Mapping[str, tuple[str, float]], dimensions: Mapping[str, str] | None = None) -> None:
    """Write metrics in CloudWatch's embedded format: name → (unit, value), all under the same dimensions.

    Each call is a record of its own, so that requests that run at the same time do not share one.
    """
    from aws_lambda_powertools.metrics import EphemeralMetrics

    metrics = EphemeralMetrics(namespace=namespace())
    for dimension, word in (dimensions or {}).items():
        metrics.add_dimension(name=dimension, value=word)
    for name, (unit, value) in values.items():
        metrics.add_metric(name=name, unit=unit, value=value)
    metrics.flush_metrics()


def record(message: str, fields: Mapping[str, object], metrics: Mapping[str, tuple[str, float]], group: str) -> None:
    """Write one line for the log that CloudWatch also reads metrics from (its embedded format): name → (unit, value).

    What every request writes is spelt here directly, in the shape of the logger's lines: through the logger and its
    metrics it takes ten times as long, a fifth of a call that is passed on. Fields are ids, names and numbers of ours;
    nothing that a caller or a provider wrote may be among them, for nothing is taken out here.
    """
    known = _of_service()
    if known.level > logging.INFO:
        return
    now = time.time()
    line = {
        "level": "INFO",
        "message": message,
        "timestamp": f"{_second(int(now))}.{int(now * 1000) % 1000:03d}Z",
        "service": known.name,
        "group": group,
        **fields,
        **{name: value for name, (_, value) in metrics.items()},
    }
    written = _spelt(line)
    if metrics:
        described = _described(tuple((name, unit) for name, (unit, _) in metrics.items()))
        written = f'{written[:-1]},"_aws":{{"Timestamp":{int(now * 1000)},{described}}}}}'
    lines = _lines().stream
    lines.write(f"{written}\n")
    lines.flush()


@lru_cache(maxsize=2)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))


@lru_cache(maxsize=64)
def _described(metrics: tuple[tuple[str, str], ...]) -> str:
    """Return the part of a line by which CloudWatch reads some metrics."""
    told = [{"Name": name, "Unit": unit} for name, unit in metrics]
    return f'"CloudWatchMetrics":{_spelt([{"Namespace": namespace(), "Dimensions": [["group"]], "Metrics": told}])}'
