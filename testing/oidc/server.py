"""npm's oidc-provider as a child process, and what its clients ask of it: a job's token, and a person's by PKCE."""

import os
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx

from local.processes import HOST, Server

PROGRAM: Final = Path(__file__).with_name("server.mjs")
DISCOVERY: Final = "/.well-known/openid-configuration"
AUDIENCE: Final = "api://atom"
JOB: Final = "batch-job"  # a client with a secret; its tokens have its id as their subject
CONSOLE: Final = "console"  # a public client
REDIRECT: Final = "http://127.0.0.1:9/callback"
VERIFIER: Final = "a-verifier-of-at-least-forty-three-characters"
MAX_STEPS: Final = 12  # pages and redirects of a sign-in


class OidcServer(Server):
    """A server with keys of its own; started again, it has others."""

    def __init__(self, port: int, folder: Path) -> None:
        self.issuer = f"http://{HOST}:{port}"
        super().__init__(
            "The OpenID Connect server",
            ["node", str(PROGRAM), str(port)],
            {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            port=port,
            health=DISCOVERY,
            log=folder / "oidc.log",
        )

    def job_token(self, audience: str = AUDIENCE) -> str:
        """Return a token of the job's, by client credentials."""
        with self._client() as client:
            asked = {"grant_type": "client_credentials", "resource": audience}
            answer = client.post("/token", data=asked, auth=(JOB, "s" * 32))
            answer.raise_for_status()
            return str(answer.json()["access_token"])

    def signed_in(self, person: str) -> str:
        """Sign a person in by authorization code with PKCE, as a browser does, and return the identity token."""
        challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": CONSOLE,
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with self._client() as client:
            code = _code(client, client.get("/auth", params=asked), person)
            spent = {
                "grant_type": "authorization_code",
                "client_id": CONSOLE,
                "redirect_uri": REDIRECT,
                "code": code,
                "code_verifier": VERIFIER,
            }
            answer = client.post("/token", data=spent)
            answer.raise_for_status()
            return str(answer.json()["id_token"])

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.issuer, follow_redirects=False, trust_env=False, timeout=30)


def _code(client: httpx.Client, page: httpx.Response, person: str) -> str:
    """Fill in the forms of sign-in and consent until the redirect to the client, and return its code."""
    for _ in range(MAX_STEPS):
        there = page.headers.get("location", "")
        if there.startswith(REDIRECT):
            return str(httpx.URL(there).params["code"])
        if there:
            page = client.get(there)
            continue
        [action] = re.findall(r'<form[^>]*action="([^"]+)"', page.text)[:1]
        fields = dict(re.findall(r'name="(prompt)" value="([^"]+)"', page.text))
        page = client.post(action, data={**fields, "login": person, "password": "any"})
    raise AssertionError("the sign-in leads nowhere")
