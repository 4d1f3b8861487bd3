"""A change and its audit entry are both there or both absent, whatever happens at an AWS call; a retry ends well."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from _pytest.mark import ParameterSet

from atom_llm.domain.core.errors import StoreUnavailable, Unauthenticated
from atom_llm.domain.core.ids import TenantId
from atom_llm.services.catalogue.pricing_fetcher import LEASE_S
from atom_llm.services.tenancy.issue_service_key import LAPSES_AFTER, IssuedServiceKey
from atom_llm.services.tenancy.operator.bootstrap_operator import operators_key, operators_tenant
from atom_llm.services.tenancy.provider_key_vault import LEASE
from tests.contract.audit.changes import CHANGES, Change, scene_of
from tests.contract.audit.deployment import OPERATOR, Deployment, Process, Request
from tests.drills.faults import Died, Kind
from tests.drills.tables import fresh_tables

HAPPENS: tuple[Kind, ...] = ("killed after", "timed out after", "failed before", "answer lost once")
LEASES = max(LEASE, timedelta(seconds=LEASE_S)) + timedelta(seconds=1)  # after them a dead process holds up nobody
MOST_CALLS = 80  # of one change; deleting a tenant takes the most


def cells(names: Iterable[str]) -> list[ParameterSet]:
    """Return each name with each kind of fault; all but one kind a name, in turn, are left to `make storm`."""
    return [
        pytest.param(name, kind, marks=() if kind == HAPPENS[number % len(HAPPENS)] else pytest.mark.thorough)
        for number, name in enumerate(names)
        for kind in HAPPENS
    ]


def kinds(first: Kind) -> list[ParameterSet]:
    """Return each kind of fault; all but the first are left to `make storm`."""
    return [pytest.param(kind, marks=() if kind == first else pytest.mark.thorough) for kind in HAPPENS]


@pytest.fixture(scope="module")
def deployment(emulator: str) -> Iterator[Deployment]:
    with fresh_tables() as tables:
        yield Deployment(tables)


class Tried:
    """One change with one fault at one of its calls, and what was found then."""

    def __init__(
        self, deployment: Deployment, change: Change, kind: Kind, step: int, headers: dict[str, str] | None = None
    ) -> None:
        self.deployment, self.change = deployment, change
        self.tenant = TenantId(f"t-{uuid4().hex}")
        self.scene, self.caller = scene_of(change, deployment, self.tenant)
        asked = change.prepare(self.scene)
        self.request = asked if headers is None else replace(asked, headers=headers)
        self.log = OPERATOR if change.is_everybodys else self.tenant
        self.before = {entry.id for entry in deployment.entries(self.log)}
        self.answer: httpx.Response | None = None
        process = deployment.failing()
        process.container.tenancy.authenticator.authenticate(self.caller)
        process.plan.arm(kind, step)
        with suppress(Died):
            self.answer = process.ask(self.caller, self.request)
        self.reached, self.calls = process.plan.fired, process.plan.steps
        process.plan.disarm()
        deployment.clock.now += LEASES

    @property
    def is_answered(self) -> bool:
        """Return whether the caller heard that its change was made."""
        return self.answer is not None and self.answer.is_success

    @property
    def entries(self) -> int:
        """The number of entries on the change since."""
        told = self.deployment.entries(self.log)
        return sum(each.action == self.change.action and each.id not in self.before for each in told)

    def again(self) -> httpx.Response:
        """The caller, who got no answer or none that it likes, asks again, and another process answers."""
        return self.deployment.sound.ask(self.caller, self.request)

    def live_keys(self) -> int:
        """Count the working service keys among those that were asked for."""
        listed = self.deployment.sound.container.tenancy.issued_service_keys.listed(self.tenant, after=None, limit=9)
        return sum(key.label == "new" and key.is_usable(self.deployment.clock()) for key in listed)


def every_call(
    deployment: Deployment, change: Change, kind: Kind, headers: dict[str, str] | None = None
) -> Iterator[Tried]:
    """Try the change with a fault at each of its calls, and then without any."""
    for step in range(MOST_CALLS):
        tried = Tried(deployment, change, kind, step, headers)
        yield tried
        if not tried.reached:
            return
    pytest.fail("the change takes more calls than were tried")


def opens(deployment: Deployment, plaintext: str) -> bool:
    """Return whether a key lets its caller in, by a process that remembers nothing; a key that does is used then."""
    try:
        deployment.failing().container.tenancy.authenticator.authenticate(plaintext)
    except Unauthenticated:
        return False
    return True


@pytest.mark.parametrize(("name", "kind"), cells(CHANGES))
def test_change_and_entry_are_both_there_or_both_absent_and_a_retry_ends_well(
    deployment: Deployment, name: str, kind: Kind
) -> None:
    change = CHANGES[name]
    for step, tried in enumerate(every_call(deployment, change, kind)):
        about = (name, kind, step, tried.answer and tried.answer.text)
        is_made = change.is_made(tried.scene)
        assert tried.entries == int(is_made), about
        assert is_made or not tried.is_answered, about
        again = tried.again()
        assert again.is_success, (*about, again.text)
        assert change.is_made(tried.scene), about
        assert tried.entries == 1 or (change.is_told_again and tried.entries == 2), about


@pytest.mark.parametrize("kind", kinds("timed out after"))
def test_a_service_key_whose_secret_got_lost_is_given_again_and_no_other_is_left(
    deployment: Deployment, kind: Kind
) -> None:
    for step, tried in enumerate(every_call(deployment, CHANGES["service key issued"], kind)):
        received = tried.again().json()["data"]["service_key"]
        assert opens(deployment, received), (kind, step)
        deployment.clock.now += LAPSES_AFTER
        assert (tried.live_keys(), opens(deployment, received)) == (1, True), (kind, step)


@pytest.mark.parametrize("kind", kinds("killed after"))
def test_without_an_idempotency_key_what_nobody_received_lapses_but_for_a_death_after_the_last_write(
    deployment: Deployment, kind: Kind
) -> None:
    change = CHANGES["service key issued"]
    unharmed = Tried(deployment, change, kind, MOST_CALLS, headers={})
    assert unharmed.is_answered
    for step, tried in enumerate(every_call(deployment, change, kind, headers={})):
        if tried.is_answered and tried.answer is not None:
            assert opens(deployment, tried.answer.json()["data"]["service_key"]), (kind, step)
        deployment.clock.now += LAPSES_AFTER
        is_left = tried.is_answered or (kind, step) == ("killed after", unharmed.calls - 1)
        assert tried.live_keys() == int(is_left), (kind, step)


@pytest.mark.parametrize("kind", kinds("answer lost once"))
def test_a_tenant_without_an_id_of_its_own_is_made_once_for_one_idempotency_key(
    deployment: Deployment, kind: Kind
) -> None:
    directory = deployment.sound.container.tenancy.directory
    for step in range(MOST_CALLS):
        name = f"Acme {uuid4().hex}"
        request = Request("POST", "/tenants", {"name": name}, {"Idempotency-Key": f"{kind} {step}"})
        process = deployment.failing()
        process.container.tenancy.authenticator.authenticate(deployment.operator_key)
        process.plan.arm(kind, step)
        with suppress(Died):
            process.ask(deployment.operator_key, request)
        reached = process.plan.fired
        process.plan.disarm()
        again = deployment.sound.ask(deployment.operator_key, request)
        assert again.status_code == 201, (kind, step, again.text)
        made = [each.id for each in directory.listed(OPERATOR, after=None, limit=10_000) if each.name == name]
        assert made == [again.json()["data"]["id"]], (kind, step)
        assert [entry.action for entry in deployment.entries(made[0])] == ["tenant.created"], (kind, step)
        if not reached:
            return
    pytest.fail("the change takes more calls than were tried")


@pytest.mark.parametrize("kind", kinds("failed before"))
def test_the_first_key_of_a_deployment_is_made_together_with_its_entries(deployment: Deployment, kind: Kind) -> None:
    for step in range(MOST_CALLS):
        with fresh_tables() as tables:
            failing, sound = (deployment.process_on(tables, fails=fails) for fails in (True, False))
            failing.plan.arm(kind, step)
            with suppress(Died, StoreUnavailable):
                bootstrapped(failing)
            reached = failing.plan.fired
            failing.plan.disarm()
            assert told_by(sound) == made_on(sound), (kind, step)
            issued = bootstrapped(sound)
            assert told_by(sound) == made_on(sound), (kind, step)
            assert sound.container.tenancy.authenticator.authenticate(issued.plaintext).tenant == OPERATOR
        if not reached:
            return
    pytest.fail("the change takes more calls than were tried")


def bootstrapped(process: Process) -> IssuedServiceKey:
    """Do what `make admin-key` does."""
    tenant = operators_tenant(process.ports.tenants, OPERATOR, process.ports.clock)
    return operators_key(tenant, process.container.tenancy.service_key_issuer, "admin-key")


def told_by(process: Process) -> list[tuple[str, str]]:
    entries = process.container.tenancy.audit_reader.entries(OPERATOR, before=None, limit=9)
    return sorted((entry.action, entry.subject) for entry in entries)


def made_on(process: Process) -> list[tuple[str, str]]:
    keys = [("service_key.issued", str(key.key_id)) for key in process.ports.service_keys.of(OPERATOR)]
    return sorted(keys + [("tenant.created", str(tenant.id)) for tenant in process.ports.tenants.all()])
