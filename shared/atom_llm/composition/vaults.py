"""The vaults of tenants' provider keys, by the settings: one, or two while keys move from one to the other."""

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.ports.core import Clock
from atom_llm.ports.tenancy import SecretStore
from atom_llm.settings import Settings, Vault


def tenant_secrets(settings: Settings, clock: Clock) -> SecretStore:
    """Return the vault that the settings name; where another one was named before, both."""
    home, before = settings.tenant_vault, settings.tenant_vault_before
    if before is None or before == home:
        return _vault(home, settings, clock)
    from atom_llm.adapters.moving_secrets import MovingSecrets

    return MovingSecrets(_vault(home, settings, clock), _vault(before, settings, clock))


def _vault(vault: Vault, settings: Settings, clock: Clock) -> SecretStore:
    if vault == "secrets-manager":
        from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client

        return SecretsManagerStore(secrets_client(), settings.tenant_secrets_prefix, settings.kms_key_id)
    from atom_llm.adapters.data_keys import KmsDataKeys, kms_client
    from atom_llm.adapters.envelope import ONE_ATTEMPT, EnvelopeStore

    data_keys = KmsDataKeys(kms_client, settings.kms_key_id or "", clock)
    table = Table(dynamodb_client(timing=ONE_ATTEMPT), settings.vault_table or "")
    return EnvelopeStore(table, data_keys, settings.environment)
