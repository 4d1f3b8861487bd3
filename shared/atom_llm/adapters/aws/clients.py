"""The clients of a process for AWS's services that speak JSON."""

import os
from collections.abc import Mapping
from typing import Final

from atom_llm.adapters.aws.credentials import credential_source
from atom_llm.adapters.aws.endpoint import endpoint_of
from atom_llm.adapters.aws.http import KeptConnections
from atom_llm.adapters.aws.json_client import JsonClient, Service, Timing

MAX_CONNECTIONS: Final = 32  # threads of one process that ask at the same time


def json_client(
    service: Service,
    connections: int = MAX_CONNECTIONS,
    environment: Mapping[str, str] = os.environ,
    timing: Timing | None = None,
) -> JsonClient:
    """Make the client of a service, with as many connections as threads that use it at once.

    Region, credentials, endpoint and certificates are the environment's, as the AWS SDKs read them.
    """
    endpoint = endpoint_of(service.name, environment)
    bundle = environment.get("AWS_CA_BUNDLE") or environment.get("REQUESTS_CA_BUNDLE")
    transport = KeptConnections(endpoint.url, connections, bundle)
    return JsonClient(service, endpoint, credential_source(environment), transport, timing or Timing())
