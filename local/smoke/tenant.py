"""The run's own tenant, made by an operator's key of the run's own; both are gone afterwards."""

from typing import Final

from atom_llm.composition import Container, DeployedPorts
from atom_llm.services.tenancy.operator.bootstrap_operator import operators_key, operators_tenant, take_back
from local.account.admin_key import TENANT
from local.account.data_stack import settings_of
from local.smoke.place import Place
from local.smoke.report import Report
from local.smoke.service import TriedService

BYOK: Final = "/api/byok"
SCOPES: Final = ("chat", "keys:read", "keys:write", "usage:read", "budgets:write")


def operators_service_key(place: Place, report: Report) -> str:
    """Return a new key of the operator's tenant, made with this process's AWS credentials; revoked afterwards."""
    container = Container(DeployedPorts(settings_of(place.environment)))
    tenant = operators_tenant(container.ports.tenants, TENANT, container.clock)
    issued = operators_key(tenant, container.tenancy.service_key_issuer, "smoke")

    report.afterwards(
        "Revoking the operator's key", lambda: take_back(issued, container.ports.service_keys, container.clock)
    )
    return issued.plaintext


def own_tenant(operator: TriedService, name: str, report: Report) -> str:
    """Return a service key of a new tenant, which is erased afterwards with all that it has."""
    operator.ask("POST", f"{BYOK}/tenants", {"id": name, "name": "Smoke", "time_zone": "UTC"}, status=201)
    report.afterwards("Erasing the tenant", lambda: operator.ask("DELETE", f"{BYOK}/tenants/{name}"))
    body = {"tenant": name, "scopes": SCOPES, "label": "smoke"}
    return str(operator.ask("POST", f"{BYOK}/service-keys", body, status=201)["service_key"])
