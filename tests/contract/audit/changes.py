"""Every change that is audited: how it is asked for, and how to see whether it was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import uuid4

from atom_llm.composition import Container
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.core.audit import Action, Actor
from atom_llm.domain.core.ids import CallId, ServiceKeyId, TenantId
from atom_llm.domain.core.plaintext import Plaintext
from atom_llm.domain.ledger.windows import WindowKind
from atom_llm.domain.tenancy.service_keys import Scope
from atom_llm.domain.tenancy.tenants import Tenant
from atom_llm.domain.tiers.preferences import DEFAULTS
from testing.money_world import MoneyWorld
from tests.contract.audit.deployment import Deployment, Request

ONE_KEY, NEW_KEY = "sk-proj-0123456789-ABCD", "sk-proj-9876543210-WXYZ"
IDEMPOTENT: Final = {"Idempotency-Key": "the-same-request"}


class Scene:
    """A tenant of its own in which one change is asked for; `seen` is what a change of everybody's is to replace."""

    def __init__(self, deployment: Deployment, tenant: TenantId) -> None:
        self.deployment, self.tenant = deployment, tenant
        self.by = Actor(tenant, ServiceKeyId("somebodysKey"))
        self.container: Container = deployment.sound.container
        self.money: MoneyWorld = deployment.money
        self.model, self.seen = f"m-{tenant}", ""

    def make_tenant(self) -> None:
        self.deployment.make(Tenant(self.tenant, "Old", "UTC", self.deployment.clock()))

    def provider_key(self) -> str:
        """Store a key; returns its id."""
        stored = self.container.tenancy.provider_keys.store("openai", Plaintext(ONE_KEY), self.by)
        return stored.key_id

    def service_key(self) -> ServiceKeyId:
        issued = self.container.tenancy.service_key_issuer.issue(self.tenant, frozenset({Scope.CHAT}), self.by)
        return issued.key.key_id

    def budget(self) -> None:
        self.container.ledger.budget_setter.put(self.tenant, "tenant", WindowKind.DAY, Decimal(1), "hard", (), self.by)

    def preferences(self) -> None:
        self.container.tiers.preference_setter.replace(self.tenant, DEFAULTS, self.by)

    def call(self) -> CallId:
        """Have a call that ended; returns its id."""
        return self.money.spend(Decimal("0.01"), tenant=self.tenant).attempt.call_id

    def refresh(self) -> None:
        """Have the prices refreshed, and told of to nobody."""
        self.container.catalogue.pricing_fetcher.refresh(uuid4().hex, force=True)

    # What there is by now

    def record(self) -> Tenant | None:
        return self.deployment.sound.ports.tenants.find(self.tenant)

    def price(self) -> object:
        """Return the published rate of the scene's model; None while it has none in force."""
        head = self.deployment.sound.ports.price_book.head()
        assert head is not None
        row = decode(self.deployment.sound.ports.price_book.snapshot(head)).get(f"acme/{self.model}")
        return None if row is None else float(str((row.published or {})["input_cost_per_token"]))

    def scores(self) -> str:
        """Return the version of the scores in force; empty while they are the packaged ones."""
        head = self.deployment.sound.ports.quality_store.head()
        return head.version if head is not None else ""

    def live_provider_keys(self) -> list[str]:
        """Return the keys in the tenant's secret, by the last four characters."""
        found = self.container.tenancy.provider_keys.listed(self.tenant, include_deleted=False, after=None, limit=9)
        return sorted(key.last4 for key in found)


Made = Callable[[Scene], bool]


@dataclass(frozen=True)
class Change:
    """A change by its route. `prepare` makes what it needs and returns the request.

    `is_told_again`: who asks for it twice changes something twice, be it to the same. `is_everybodys`: no tenant's own
    thing changes, so that the operator's log alone tells of it.
    """

    action: Action
    prepare: Callable[[Scene], Request]
    is_made: Made
    by_operator: bool = False
    is_told_again: bool = False
    is_everybodys: bool = False


def _tenant_created(scene: Scene) -> Request:
    return Request("POST", "/tenants", {"id": scene.tenant, "name": "New"})


def _tenant_changed(scene: Scene) -> Request:
    return Request("PATCH", f"/tenants/{scene.tenant}", {"name": "New"})


def _tenant_deleted(scene: Scene) -> Request:
    scene.provider_key()
    scene.budget()
    scene.preferences()
    return Request("DELETE", f"/tenants/{scene.tenant}")


def _issued(scene: Scene) -> Request:
    return Request("POST", "/service-keys", {"scopes": ["chat"], "label": "new"}, IDEMPOTENT)


def _keys_labelled(scene: Scene) -> int:
    listed = scene.container.tenancy.issued_service_keys.listed(scene.tenant, after=None, limit=9)
    return sum(key.label == "new" for key in listed)


def _names_changed(scene: Scene) -> Request:
    return Request("PATCH", f"/service-keys/{scene.service_key()}", {"own_names": {"gpt": "auto"}})


def _has_names(scene: Scene) -> bool:
    listed = scene.container.tenancy.issued_service_keys.listed(scene.tenant, after=None, limit=9)
    return any(key.own_names.targets for key in listed)


def _revoked(scene: Scene) -> Request:
    return Request("DELETE", f"/service-keys/{scene.service_key()}")


def _is_revoked(scene: Scene) -> bool:
    listed = scene.container.tenancy.issued_service_keys.listed(scene.tenant, after=None, limit=9)
    return any(key.revoked_at is not None for key in listed)


def _stored(scene: Scene) -> Request:
    scene.provider_key()
    return Request("POST", "/keys", {"provider": "openai", "api_key": NEW_KEY, "label": "new"})


def _changed(scene: Scene) -> Request:
    return Request("PATCH", f"/keys/{scene.provider_key()}", {"label": "new"})


def _labels(scene: Scene) -> list[str | None]:
    found = scene.container.tenancy.provider_keys.listed(scene.tenant, include_deleted=False, after=None, limit=9)
    return [key.label for key in found]


def _rotated(scene: Scene) -> Request:
    return Request("POST", f"/keys/{scene.provider_key()}/rotate", {"api_key": NEW_KEY})


def _deleted(scene: Scene) -> Request:
    return Request("DELETE", f"/keys/{scene.provider_key()}")


def _tested(scene: Scene) -> Request:
    return Request("POST", f"/keys/{scene.provider_key()}/test")


def _statuses(scene: Scene) -> list[str]:
    found = scene.container.tenancy.provider_keys.listed(scene.tenant, include_deleted=False, after=None, limit=9)
    return [key.status for key in found]


def _refreshed(scene: Scene) -> Request:
    scene.deployment.outside.publish_price(scene.model, 1e-06)
    return Request("POST", "/pricing/refresh?force=true")


def _accepted(scene: Scene) -> Request:
    for price in (1e-06, 1e-04):  # the second one waits in quarantine
        scene.deployment.outside.publish_price(scene.model, price)
        scene.refresh()
    return Request("POST", "/pricing/refresh?accept=*")  # a name would be unknown once it is accepted


def _synced(scene: Scene) -> Request:
    scene.seen = scene.scores()
    scene.deployment.outside.publish_scores()
    return Request("POST", "/registry/sync-quality")


def _budget_set(scene: Scene) -> Request:
    return Request("PUT", "/budgets", {"window": "day", "limit_usd": "5"})


def _budget_cleared(scene: Scene) -> Request:
    scene.budget()
    return Request("PUT", "/budgets", {"window": "day", "limit_usd": None})


def _budgets(scene: Scene) -> list[Decimal]:
    return [status.budget.limit for status in scene.container.ledger.budget_setter.all(scene.tenant)]


def _corrected(scene: Scene) -> Request:
    body = {"attempt": "1", "correction_id": "first", "amount_usd": "-0.005", "reason": "billed twice"}
    return Request("POST", f"/usage/calls/{scene.call()}/corrections?tenant={scene.tenant}", body)


def _is_corrected(scene: Scene) -> bool:
    scene.deployment.clock.pass_s(61)
    scene.money.roll_up.run()  # the sweep
    return any(row.attempt.is_correction for row in scene.money.rows(scene.tenant))


def _narrowed(scene: Scene) -> Request:
    held = scene.money.spending.hold(scene.money.attempt(tenant=scene.tenant, model=_model(scene)))
    scene.money.spending.settle(held, scene.money.settlement(2 * held.hold))
    return Request("POST", "/holds/narrowed/acknowledge", {"model": _model(scene)})


def _is_acknowledged(scene: Scene) -> bool:
    return scene.deployment.sound.ports.narrowings.of(_model(scene)) is None


def _model(scene: Scene) -> str:
    """Return a model of the scene alone: narrowed holds are everybody's."""
    return f"openai/of-{scene.tenant}"


def _preferences_set(scene: Scene) -> Request:
    return Request("POST", "/preferences", {"prefer": "cost"})


def _preferences_replaced(scene: Scene) -> Request:
    scene.preferences()
    return Request("PUT", "/preferences", {"prefer": "cost", "monthly_budget_usd": "50"})


def _preferences_reset(scene: Scene) -> Request:
    scene.preferences()
    return Request("DELETE", "/preferences")


def _prefer(scene: Scene) -> tuple[str, bool]:
    found, is_set = scene.container.tiers.preference_setter.of(scene.tenant)
    return found.prefer, is_set


def _name(scene: Scene) -> str | None:
    found = scene.record()
    return found.name if found is not None else None


def _is_deleted(scene: Scene) -> bool:
    found = scene.record()
    return found is not None and found.deleted_at is not None


def _of_all(action: Action, prepare: Callable[[Scene], Request], is_made: Made) -> Change:
    return Change(action, prepare, is_made, by_operator=True, is_told_again=True, is_everybodys=True)


CHANGES: Final[Mapping[str, Change]] = {
    "tenant created": Change("tenant.created", _tenant_created, lambda s: _name(s) == "New", by_operator=True),
    "tenant changed": Change("tenant.changed", _tenant_changed, lambda s: _name(s) == "New", is_told_again=True),
    "tenant deleted": Change("tenant.deleted", _tenant_deleted, _is_deleted, by_operator=True),
    "service key issued": Change("service_key.issued", _issued, lambda s: _keys_labelled(s) > 0, is_told_again=True),
    "service key changed": Change("service_key.changed", _names_changed, _has_names, is_told_again=True),
    "service key revoked": Change("service_key.revoked", _revoked, _is_revoked),
    "provider key stored": Change("provider_key.stored", _stored, lambda s: s.live_provider_keys() == ["ABCD", "WXYZ"]),
    "provider key changed": Change(
        "provider_key.changed", _changed, lambda s: _labels(s) == ["new"], is_told_again=True
    ),
    "provider key rotated": Change("provider_key.rotated", _rotated, lambda s: s.live_provider_keys() == ["WXYZ"]),
    "provider key deleted": Change("provider_key.deleted", _deleted, lambda s: s.live_provider_keys() == []),
    "budget set": Change("budget.set", _budget_set, lambda s: _budgets(s) == [5], is_told_again=True),
    "budget cleared": Change("budget.cleared", _budget_cleared, lambda s: _budgets(s) == []),
    "usage corrected": Change("usage.corrected", _corrected, _is_corrected, by_operator=True),
    "narrowing acknowledged": Change(
        "narrowing.acknowledged", _narrowed, _is_acknowledged, by_operator=True, is_everybodys=True
    ),
    "preferences set": Change("preferences.set", _preferences_set, lambda s: _prefer(s) == ("cost", True)),
    "preferences replaced": Change(
        "preferences.set", _preferences_replaced, lambda s: _prefer(s) == ("cost", True), is_told_again=True
    ),
    "preferences reset": Change("preferences.reset", _preferences_reset, lambda s: not _prefer(s)[1]),
    "provider key tested": Change(
        "provider_key.tested", _tested, lambda s: _statuses(s) == ["valid"], is_told_again=True
    ),
    "prices refreshed": _of_all("prices.refreshed", _refreshed, lambda s: s.price() == 1e-06),
    "prices accepted": _of_all("prices.accepted", _accepted, lambda s: s.price() == 1e-04),
    "scores synced": _of_all("quality.synced", _synced, lambda s: s.scores() != s.seen),
}


def scene_of(change: Change, deployment: Deployment, tenant: TenantId) -> tuple[Scene, str]:
    """Return a scene with its tenant, unless the change makes that, and the key of who asks."""
    scene = Scene(deployment, tenant)
    if change.action != "tenant.created":
        scene.make_tenant()
    return scene, deployment.operator_key if change.by_operator else deployment.key(tenant)
