"""A process that calls and changes provider keys until it is killed. Arguments: tables, prefix of secrets, tenant."""

import sys
from datetime import UTC, datetime
from random import Random
from secrets import token_bytes

from atom_llm.adapters.dynamodb.table import Table, dynamodb_client
from atom_llm.adapters.dynamodb.tenancy.provider_keys import DynamoProviderKeys
from atom_llm.adapters.secrets import SecretsManagerStore, secrets_client
from atom_llm.domain.core.errors import AtomError
from atom_llm.domain.core.ids import ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.services.tenancy.provider_key_vault import ProviderKeyVault
from testing.audit import SOMEBODY
from testing.fakes.service_keys import SetClock
from testing.money_world import on_tables, usd


def main(keys: str, usage: str, prefix: str, tenant: TenantId) -> None:
    """Never ends by itself; says `calling` once it has begun."""
    client = dynamodb_client()
    world = on_tables(Table(client, keys), Table(client, usage))
    world.chance = Random(token_bytes(8))
    clock = SetClock(datetime.now(UTC))
    vault = ProviderKeyVault(
        DynamoProviderKeys(Table(client, keys)), SecretsManagerStore(secrets_client(), prefix, None), clock
    )
    print("calling", flush=True)
    stored: list[ProviderKey] = []
    while True:
        world.clock.now = clock.now = datetime.now(UTC)
        try:
            held = world.spending.hold(world.attempt(usd("0.01"), tenant=tenant, estimate=usd("0.004")))
            world.spending.settle(held, world.settlement(usd("0.004")))
            stored.append(vault.store(_key(tenant, clock()), Plaintext(f"sk-{token_bytes(12).hex()}"), SOMEBODY))
            if len(stored) > 2:
                vault.delete(stored.pop(0), SOMEBODY)
            world.roll_up.run()
        except AtomError as error:
            print(error.code, flush=True)


def _key(tenant: TenantId, now: datetime) -> ProviderKey:
    return ProviderKey(ProviderKeyId(ulid(now, token_bytes(10))), tenant, "openai", "last", token_bytes(8).hex(), now)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], TenantId(sys.argv[4]))
