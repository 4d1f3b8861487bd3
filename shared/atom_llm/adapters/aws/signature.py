"""AWS Signature Version 4 of a request that is posted (docs.aws.amazon.com/IAM, "Create a signed AWS API request")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import Final

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The keys that a request is signed with; a session's token goes along, and is signed as well."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """The service, region and path that a request is signed for."""

    service: str
    region: str
    path: str = "/"


def signed(
    headers: Mapping[str, str], body: bytes, credentials: Credentials, to: Destination, at: datetime
) -> dict[str, str]:
    """Return the headers, lower case and with `host` among them, with date, token and signature added.

    All that are given are signed: a `host` or an operation that somebody changed on the way is refused by AWS.
    """
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    to_sign = {**headers, "x-amz-date": moment}
    if credentials.token is not None:
        to_sign["x-amz-security-token"] = credentials.token
    names = sorted(to_sign)
    listed = ";".join(names)
    canonical = "\n".join(
        ("POST", to.path, "", *(f"{name}:{to_sign[name]}" for name in names), "", listed, sha256(body).hexdigest())
    )
    scope = f"{moment[:8]}/{to.region}/{to.service}/aws4_request"
    text = "\n".join((_ALGORITHM, moment, scope, sha256(canonical.encode()).hexdigest()))
    key = _signing_key(credentials.secret_key, moment[:8], to.region, to.service)
    signature = digest(key, text.encode(), "sha256").hex()
    to_sign["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return to_sign


@lru_cache(maxsize=8)  # a day's, of the credentials before and after they change, for each service
def _signing_key(secret_key: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = digest(key, part.encode(), "sha256")
    return key
