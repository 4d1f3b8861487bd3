"""An environment in the account of the caller's AWS credentials, and a provider by the caller's own keys."""

import os
import subprocess
from typing import Final

from local.smoke.place import Place, outputs_of
from local.steps import CannotGoOn
from local.workspace import ROOT

KEY: Final = "SMOKE_PROVIDER_KEY"
SECOND_KEY: Final = "SMOKE_SECOND_KEY"
MODEL: Final = "SMOKE_MODEL"
USUAL_MODEL: Final = "openai/gpt-4o-mini"
# Long whatever the model is, and cheap: some ten thousand tokens.
PROMPT: Final = "Write all numbers from one to two thousand in English words, a number a line. Leave none out."


def place(environment: str, *, is_deployed: bool) -> Place:
    """Deploy the environment, unless it is, and return it; raises `CannotGoOn` without a provider's key."""
    key = os.environ.get(KEY, "")
    if not key:
        raise CannotGoOn(f"Say a provider's key in the environment variable {KEY} (and {MODEL}, else {USUAL_MODEL}).")
    if not is_deployed:
        _deploy(environment)
    outputs = outputs_of(environment)
    url = outputs["ApiUrl"].rstrip("/")
    return Place(
        environment=environment,
        outputs=outputs,
        api_url=url,
        stream_url=url,
        model=os.environ.get(MODEL) or USUAL_MODEL,
        prompt=PROMPT,
        provider_keys=(key, os.environ.get(SECOND_KEY) or key),
    )


def _deploy(environment: str) -> None:
    """Deploy as anybody does, with the CDK's questions; raises `CannotGoOn` where it fails."""
    if subprocess.run(["make", "deploy", f"ENV={environment}"], cwd=ROOT, check=False).returncode:
        raise CannotGoOn("make deploy failed; nothing was tried.")
