"""The token endpoints: a token of a trusted issuer, or a signature of the account, against a service key that lives for
an hour (RFC 8693; RFC 6749, 4.4)."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from atom_llm.composition import Container
from atom_llm.domain.core.errors import SignerRefused
from atom_llm.http.gateway import signer_of
from atom_llm.http.routed.responses import problem_responses
from atom_llm.services.tenancy.issue_service_key import IssuedServiceKey
from functions.byok.identity.schemas_token import TokenOut
from functions.byok.identity.token_request import (
    ACCESS_TOKEN,
    client_documented,
    client_request,
    documented,
    token_request,
)

router = APIRouter(tags=["identity"])


@router.post(
    "/token",
    summary="Exchange a token for a service key",
    openapi_extra=documented(),
    responses=problem_responses(400, 413, 415, 429, dialect="oauth"),
)
async def exchange_token(request: Request) -> TokenOut:
    """Exchange a token of a trusted issuer for a service key of its tenant and person, by RFC 8693.

    The key ends with its token, after an hour at most, and once its issuer is trusted no longer. Failures are worded as
    RFC 6749 has them.
    """
    container: Container = request.app.state.container()
    asked = await token_request(request)
    origin = request.client.host if request.client else None
    exchange = container.identity.token_exchange
    return _told(await run_in_threadpool(exchange.of_token, asked.subject_token, asked.scopes, origin))


@router.post(
    "/iam/token",
    summary="A service key for a role of the account",
    openapi_extra=client_documented(),
    responses=problem_responses(400, 413, 415, 429, dialect="oauth"),
)
async def key_of_role(request: Request) -> TokenOut:
    """Give a service key to a role of the account that has signed this request (SigV4, `execute-api`).

    API Gateway's authorizer checks the signature, and says whose it is: where it does not stand in front, nobody is let
    in. The key ends after an hour, and once the rules of `iam` are gone.
    """
    container: Container = request.app.state.container()
    signer = signer_of(request.scope)
    if signer is None:
        raise SignerRefused("missing", "is missing, or API Gateway has not checked it")
    wanted = await client_request(request)
    origin = request.client.host if request.client else None
    return _told(await run_in_threadpool(container.identity.token_exchange.of_account, signer, wanted, origin))


def _told(issued: IssuedServiceKey) -> TokenOut:
    key = issued.key
    lives_s = int((key.expires_at - key.created_at).total_seconds()) if key.expires_at is not None else 0
    return TokenOut(
        access_token=issued.plaintext,
        issued_token_type=ACCESS_TOKEN,
        token_type="Bearer",  # noqa: S106  # the kind of a token, and none
        expires_in=lives_s,
        scope=" ".join(sorted(key.scopes)),
    )
