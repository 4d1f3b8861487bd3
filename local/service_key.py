"""A service key for this machine: made once through the service's own code, its plaintext in a file of its owner's.

The code finds tables and secrets by its environment, so it runs in a process of its own with that environment:
`python -m local.service_key FILE`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from atom_llm.composition import Container, container
from atom_llm.domain.core.errors import Unauthenticated
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.services.tenancy.operator.bootstrap_operator import operators_key, operators_tenant
from local.steps import run
from local.workspace import PYTHON, ROOT

TENANT = TenantId("local")


def service_key(environment: Mapping[str, str], file: Path) -> str:
    """Return the key that the file keeps if the deployment still knows it; else a new one with every scope."""
    command: list[str | Path] = [PYTHON, "-m", "local.service_key", file]
    run("Looking for a service key", command, log=file.with_name("logs") / "service-key.log", cwd=ROOT, env=environment)
    return file.read_text().strip()


def keep(file: Path, container: Container) -> None:
    """See that the file holds a key of the operator's tenant that opens every route of the deployment."""
    tenant = operators_tenant(container.ports.tenants, TENANT, container.clock)
    if file.exists() and _is_the_operators(file.read_text().strip(), tenant, container):
        return
    issued = operators_key(tenant, container.tenancy.service_key_issuer, "made by make run")
    file.unlink(missing_ok=True)  # a file that is there keeps its mode, whatever that is
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as own:
        own.write(f"{issued.plaintext}\n")


def _is_the_operators(plaintext: str, tenant: Tenant, container: Container) -> bool:
    """Return whether a key opens everything and is listed among the operator's."""
    try:
        caller = container.tenancy.authenticator.authenticate(plaintext)
    except Unauthenticated:  # the state was cleared, or the pepper is another
        return False
    listed = {key.key_id for key in container.ports.service_keys.of(tenant.id)}
    return caller.scopes == ALL_SCOPES and caller.key_id in listed


if __name__ == "__main__":
    keep(Path(sys.argv[1]), container())
