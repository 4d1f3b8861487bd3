"""The id under which a tenant's role is assumed: whoever names another tenant's role does not get it."""

from atom_llm.domain.core.ids import TenantId


def external_id(environment: str, tenant: TenantId) -> str:
    """Return the external id that a tenant's trust policy asks for (`sts:ExternalId`)."""
    return f"atom-llm:{environment}:{tenant}"
