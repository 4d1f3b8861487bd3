"""The refresh of prices that a start of the local service asks for, told as it went."""

from local.deployment import Deployment
from local.steps import step


def refresh(deployment: Deployment) -> str:
    """Call the deployed refresh function and say in a sentence what came of it."""
    with step("Refreshing the prices"):
        # As the deploy rule calls it: it fetches nothing when the last success is younger than a day.
        report, failure = deployment.invoke("pricing-refresh", {"trigger": "deploy"})
    if failure is not None:
        kind, message = report.get("errorType", failure), report.get("errorMessage", "no message")
        return f"The prices were not refreshed ({kind}: {message}). The last good ones answer, at first the seed's."
    return f"Prices: {report['outcome']}, {report['models']} models in force."
