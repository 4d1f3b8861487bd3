"""Trusted issuers of tokens: declared by the operator, seen by the admins whom they lead to."""

from fastapi import APIRouter

from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.http.auth import CurrentActor, CurrentCaller, operator_only, requires
from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from functions.byok.identity import schemas_issuers as schemas

router = APIRouter(prefix="/identity/issuers", tags=["identity"], dependencies=[requires(Scope.ADMIN)])
ACT = "say whose tokens open the service"


@router.get("", summary="Trusted issuers", responses=problem_responses(403, 422))
def issuers(container: CurrentContainer, caller: CurrentCaller) -> Success[schemas.IssuersOut]:
    """List every trusted issuer for the operator; for others those that lead to their tenant, with such rules alone."""
    is_operator = container.tenancy.directory.is_operator(caller.tenant)
    found = container.identity.trusted_issuers.listed(caller.tenant, is_operator=is_operator)
    return success(schemas.IssuersOut(items=[schemas.issuer_out(each) for each in found]), container.clock())


@router.put(
    "",
    summary="Trust an issuer",
    dependencies=[operator_only(ACT)],
    responses=problem_responses(400, 403, 409, 413, 415, 422),
)
def trust_issuer(
    container: CurrentContainer, by: CurrentActor, request: schemas.IssuerIn
) -> Success[schemas.IssuerOut]:
    """Trust an issuer, in the place of what was declared of it before, once its keys could be read.

    It holds within half a minute everywhere.
    """
    wanted = request.read(container.clock())
    made = container.identity.trusted_issuers.trust(wanted, by, ends_keys=request.end_keys)
    return success(schemas.issuer_out(made), container.clock())


@router.delete(
    "/{issuer_id}",
    summary="Trust an issuer no longer",
    dependencies=[operator_only(ACT)],
    responses=problem_responses(403, 404, 409, 422),
)
def distrust_issuer(
    container: CurrentContainer, by: CurrentActor, issuer_id: schemas.IssuerName
) -> Success[schemas.IssuerOut]:
    """Trust an issuer no longer: within a minute its tokens, and the keys they were exchanged for, open nothing."""
    gone = container.identity.trusted_issuers.distrust(issuer_id, by)
    return success(schemas.issuer_out(gone), container.clock())
