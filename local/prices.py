"""The prices of the local service: refreshed at its start, and told as they are."""

import httpx

from local.deployment import Deployment
from local.steps import step

ANSWER_TIMEOUT_S = 30.0


def refresh(deployment: Deployment) -> str:
    """Call the deployed refresh function, as the deploy rule does; returns its result in a sentence."""
    with step("Refreshing the prices"):  # fetches nothing when the last success is younger than a day
        report, failure = deployment.invoke("pricing-refresh", {"trigger": "deploy"})
    if failure is None:
        return f"The refresh says: {report['outcome']}."
    return f"The prices were not refreshed: {report.get('errorMessage', failure)}."


def in_force(door: str, key: str) -> str:
    """Return the service's own description of its prices: how many, of when, from where."""
    answer = httpx.get(
        f"{door}/api/ai/pricing",
        headers={"Authorization": f"Bearer {key}"},
        timeout=ANSWER_TIMEOUT_S,
        trust_env=False,  # no proxy stands between this machine and itself
    )
    prices = answer.raise_for_status().json()["data"]
    sources = ", ".join(f"{source['name']} {source['state']}" for source in prices["sources"]) or "no source asked yet"
    return f"{prices['model_count']} models; {prices['origin']} of {prices['last_updated']}; {sources}"
