"""The data stack on the emulator, the functions of the service stack ready to be run, and tenants that call them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

import boto3

from atom_llm.composition import Container, DeployedPorts
from atom_llm.domain.core.ids import RANDOM_BYTES, ProviderKeyId, TenantId, ulid
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.ledger.budgets import TENANT_SCOPE
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.provider_keys import ProviderKey
from atom_llm.domain.tenancy.rate_limit import UNLIMITED, RateLimit
from atom_llm.domain.tenancy.service_keys import ALL_SCOPES
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.settings import Settings
from local.emulator import ACCOUNT, REGION, client_environment
from testing.audit import SOMEBODY, an_entry
from testing.fakes.board_origin import BoardOrigin, board_origin
from testing.fakes.price_origin import Origin, price_origin
from testing.lambda_runtime.aws_relay import SLOW_S, AwsRelay
from testing.lambda_runtime.credentials import ServedCredentials
from testing.lambda_runtime.events import Event, api_event
from testing.lambda_runtime.needed_permissions import Permission
from testing.lambda_runtime.role_permissions import Grant, grants_of
from testing.lambda_runtime.sandbox import Sandbox
from testing.lambda_runtime.stacks import DeployedFunction, deploy_data, functions_of, synthesise
from testing.lambda_runtime.web_adapter import WebAdapter
from testing.stand_in.server import StandIn

ADAPTER_LAYER: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:adapter:1"
STREAMING_CHAT: Final = "chat-streaming"  # the same function, in an environment that names the adapter's layer
SET_CREDENTIALS: Final = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
DAILY_BUDGET: Final = Decimal("100")  # USD: room for every call
ALERT_AT: Final = (1,)  # per cent of it: out of reach, unless a budget is small


@dataclass(frozen=True, slots=True)
class CallingTenant:
    """A tenant with a budget, and the service key that it calls with."""

    id: TenantId
    service_key: str = field(repr=False)

    def asks(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Event:
        """The event of one of its requests."""
        return api_event(method, path, body, {"Authorization": f"Bearer {self.service_key}", **(headers or {})}, **more)


class Account:
    """The functions, what they stand on, and what stands in for the world around them."""

    def __init__(
        self,
        folder: Path,
        functions: Mapping[str, DeployedFunction],
        relay: AwsRelay,
        stand_in: StandIn,
        prices: Origin,
        board: BoardOrigin,
        grants: Sequence[Grant],
    ) -> None:
        self.functions = dict(functions)
        self.relay = relay
        self.stand_in = stand_in
        self.prices = prices
        self.board = board
        self.grants = grants
        self.services = Container(DeployedPorts(Settings.from_environment(functions["chat"].variables)))
        self._folder = folder
        self._started = count(1)
        self._tenants = count(1)

    def sandbox(self, name: str, variables: Mapping[str, str] | None = None) -> Sandbox:
        """A process of a function, its AWS calls on record; `variables` are those that differ from the stack's."""
        function = self.functions[name].with_variables(**(variables or {}))
        return Sandbox(function, self._role(name), self._log(name))

    def copies(self, name: str, copies: int, credentials: ServedCredentials) -> Sandbox:
        """So many copies of a function that was started once, as SnapStart restores them."""
        return Sandbox(self.functions[name], self._served(credentials), self._log(name), copies=copies)

    def streaming_chat(
        self,
        variables: Mapping[str, str] | None = None,
        credentials: ServedCredentials | None = None,
        before: Callable[[], None] | None = None,
    ) -> WebAdapter:
        """The server of `chat` behind the Lambda Web Adapter; its process calls `before` first."""
        function = self.functions[STREAMING_CHAT].with_variables(**(variables or {}))
        aws = self._role("chat") if credentials is None else self._served(credentials)
        return WebAdapter(function, aws, self._log(STREAMING_CHAT), before)

    def permissions(self) -> Mapping[str, Set[Permission]]:
        """What each function needed of its role so far."""
        return {name: self.relay.asked_by(_access_key(name)) for name in self.functions if name != STREAMING_CHAT}

    @property
    def resource_names(self) -> Mapping[str, str]:
        """What the template's grants call the resources that requests name."""
        variables = self.functions["chat"].variables
        tables = {
            value: name.removeprefix("ATOM_").removesuffix("_TABLE").lower()
            for name, value in variables.items()
            if name.endswith("_TABLE")
        }
        others = {"ATOM_PEPPER_SECRET_ID": "pepper", "ATOM_TENANT_SECRETS_PREFIX": "tenants", "ATOM_KMS_KEY_ID": "key"}
        return tables | {variables[name]: ours for name, ours in others.items()} | {"default": "bus"}

    def tenant(self, *providers: str, limit: RateLimit = UNLIMITED, budget: Decimal = DAILY_BUDGET) -> CallingTenant:
        """A new tenant with keys of some providers; `limit` is its service key's."""
        tenancy, now = self.services.tenancy, datetime.now(UTC)
        tenant = TenantId(f"tenant-{next(self._tenants)}")
        self.services.ports.tenants.add(Tenant(tenant, tenant.title(), "UTC", now), an_entry())
        for provider in providers:
            self.provider_key(tenant, provider)
        self.services.ledger.budget_setter.put(tenant, TENANT_SCOPE, WindowKind.DAY, budget, "hard", ALERT_AT, SOMEBODY)
        return CallingTenant(
            tenant, tenancy.service_key_issuer.issue(tenant, ALL_SCOPES, SOMEBODY, limit=limit).plaintext
        )

    def operator(self) -> CallingTenant:
        """The deployment's operator, who is there once."""
        tenant = TenantId("operator")
        if self.services.ports.tenants.find(tenant) is None:
            made = Tenant(tenant, "Operator", "UTC", datetime.now(UTC), is_operator=True)
            self.services.ports.tenants.add(made, an_entry())
        return CallingTenant(
            tenant, self.services.tenancy.service_key_issuer.issue(tenant, ALL_SCOPES, SOMEBODY).plaintext
        )

    def provider_key(self, tenant: TenantId, provider: str) -> ProviderKey:
        """Store a key of a provider."""
        now = datetime.now(UTC)
        identity = ProviderKeyId(ulid(now, token_bytes(RANDOM_BYTES)))
        shown = f"sk-stand-in-{provider}-{identity}"
        key = ProviderKey(identity, tenant, provider, shown[-4:], identity[-16:].lower(), now)
        return self.services.tenancy.provider_key_vault.store(key, Plaintext(shown), SOMEBODY)

    def forget_what_tenants_share(self) -> None:
        """Empty the tables of circuits, limits and health, and of prices and scores."""
        for variable in ("ATOM_RUNTIME_TABLE", "ATOM_CATALOGUE_TABLE"):
            table = self.functions["chat"].variables[variable]
            for partition, sort in self.keys_of(table):
                _dynamodb().delete_item(TableName=table, Key={"pk": {"S": partition}, "sk": {"S": sort}})

    def keys_of(self, table: str) -> list[tuple[str, str]]:
        """The partition and sort keys of everything in a table."""
        pages = _dynamodb().get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk")
        return [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]

    def _role(self, name: str) -> Mapping[str, str]:
        """Return an AWS client's environment with the credentials of a function's role."""
        return client_environment(self.relay.url) | {"AWS_ACCESS_KEY_ID": _access_key(name)}

    def _served(self, credentials: ServedCredentials) -> Mapping[str, str]:
        """Return an AWS client's environment that has an address of credentials, as a restored function has it."""
        aws = client_environment(self.relay.url) | credentials.environment()
        return {name: value for name, value in aws.items() if name not in SET_CREDENTIALS}

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{next(self._started):03d}-{name}.log"


def _access_key(function: str) -> str:
    return f"ROLE{function.replace('-', '').upper()}"


def _dynamodb() -> Any:
    return boto3.client("dynamodb")


@contextmanager
def deployed_account(
    emulator_url: str, folder: Path, *, slow_s: float = SLOW_S, **settings: object
) -> Iterator[Account]:
    """Everything, on the emulator that AWS clients of this process find; `settings` are of the environment."""
    with ExitStack() as stack:
        stand_in = stack.enter_context(StandIn())
        prices = stack.enter_context(price_origin())
        board = stack.enter_context(board_origin())
        relay = stack.enter_context(AwsRelay(emulator_url, slow_s))
        addresses = settings | {
            "provider_base_urls": json.dumps(stand_in.addresses()),
            "litellm_prices_url": prices.url,
            "openrouter_models_url": f"{stand_in.url}/no-such-source",
            "genai_prices_url": f"{stand_in.url}/no-such-source",
            "models_dev_url": f"{stand_in.url}/no-such-source",
            "arena_rows_url": board.url,
        }
        assembly = synthesise(folder / "cdk.out", {**addresses, "adapter_layer_arn": None})
        streaming = synthesise(folder / "cdk.out-streaming", {**addresses, "adapter_layer_arn": ADAPTER_LAYER})
        exports = deploy_data(assembly)
        functions = functions_of(assembly, exports)
        functions[STREAMING_CHAT] = functions_of(streaming, exports)["chat"]
        grants = grants_of(assembly.template("service"))
        yield Account(folder, functions, relay, stand_in, prices, board, grants)
