"""Callers of the account: roles that have signed a request, as API Gateway's authorizer names them."""

import re
from typing import Final

from atom_llm.domain.core.errors import SignerRefused
from atom_llm.domain.tenancy.identity.claims import Claims

# A session of a role, as STS and API Gateway spell it: without the role's path, which no two roles differ in alone.
_SESSION: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,20}):sts::(?P<account>\d{12})"
    r":assumed-role/(?P<name>[\w+=,.@-]{1,64})/(?P<session>[\w+=,.@-]{2,64})",
    re.ASCII,
)


def claims_of(signer: str) -> Claims:
    """Return what rules go by of a signer by its ARN: `sub` and `role` (the role, without its path), `role_name`,
    `session` and `account`; raises `SignerRefused` for whoever is no role."""
    found = _SESSION.fullmatch(signer)
    if found is None:
        raise SignerRefused("role", "is not by a role: users' keys live too long to be let in")
    role = f"arn:{found['partition']}:iam::{found['account']}:role/{found['name']}"
    return {
        "sub": role,
        "role": role,
        "role_name": found["name"],
        "session": found["session"],
        "account": found["account"],
    }
