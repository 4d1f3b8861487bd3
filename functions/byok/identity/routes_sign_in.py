"""What a browser has to know to sign a person in, told to everybody: it has no key yet."""

from fastapi import APIRouter

from atom_llm.http.deps import CurrentContainer
from atom_llm.http.envelopes import Success, success
from atom_llm.http.routed.responses import problem_responses
from functions.byok.identity import schemas_issuers as schemas

router = APIRouter(tags=["identity"])

SCOPE = "openid profile email"


@router.get("/identity/sign-in", summary="How people sign in", responses=problem_responses(422))
def sign_in(container: CurrentContainer) -> Success[schemas.SignInsOut]:
    """List the issuers by which people sign in, each with its public client; empty where none is set up.

    The client is one for browsers, with authorization code and PKCE; `POST /api/byok/token` exchanges what it is given.
    """
    found = container.identity.trusted_issuers.for_sign_in()
    items = [schemas.SignInOut(issuer=url, client_id=client, scope=SCOPE) for url, client in found]
    return success(schemas.SignInsOut(items=items), container.clock())
