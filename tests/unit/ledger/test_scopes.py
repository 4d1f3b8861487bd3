"""The scopes of budgets: how they are spelt, and which of them a call counts against."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from atom_llm.domain.core.errors import BudgetExceeded, InvalidRequest, NotFound
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.core.money import plain
from atom_llm.domain.ledger.budgets import Budget, BudgetUnit, TenantBudgets, WindowRef
from atom_llm.domain.ledger.end_users import EndUser
from atom_llm.domain.ledger.scopes import BudgetScope, CallScopes, ScopeKind, Team, scope_of
from atom_llm.domain.ledger.windows import BudgetCalendar, WindowKind
from testing.audit import SOMEBODY
from testing.money_world import KEY, TENANT, in_memory, usd

NOON = datetime(2026, 11, 29, 12, 34, 56, tzinfo=UTC)
CALL = CallScopes(KEY, "openai", "openai/gpt-4o-mini", "ann", "run-7", {"feature": "search"})


def budget(scope: str, window: WindowKind = WindowKind.DAY, unit: BudgetUnit = "usd") -> Budget:
    return Budget(TenantId("t"), scope, window, usd("10"), "hard", (), "0", NOON, unit)


def counted(budgets: list[Budget], teams: list[Team] | None = None) -> list[tuple[str, str, str]]:
    known = TenantBudgets(budgets, BudgetCalendar(ZoneInfo("UTC")), teams or [])
    return [(each.scope, ref.scope, ref.window) for each, ref in known.applying(CALL, NOON)]


@pytest.mark.parametrize(
    "text",
    [
        *("tenant", "team:01J", "person:Ann Lee", "service-key:x", "session:a#b", "model:openai/gpt-4o"),
        *("provider:openai", "tag:feature=search", "tag:feature=*", "person:*"),
    ],
)
def test_a_scope_is_read_as_it_is_spelt(text: str) -> None:
    assert str(scope_of(text)) == text


@pytest.mark.parametrize("text", ["", "nobody", "tenant:x", "person:", "person", "tag:feature", "tag:=x", "person:\n"])
def test_what_is_no_scope_is_an_error_that_names_the_field(text: str) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        scope_of(text)
    assert wrong.value.field == "scope"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tag:team = a",
            "tag:team=a ",
            "tag: team=a",
            "tag:team=a,b",
            "tag:te,am=a",
            "tag:team= *",
            "tag:*=a",
            "tag:a=b=*",
        ),
        *(
            "tag:team=a*",
            f"tag:team={'x' * 65}",
            f"tag:{'n' * 65}=a",
            "session: r1",
            "person:ann ",
            "pool: shared",
            f"pool:{'🌍' * 224}",
            "model:openai",
            "model:openai/GPT-4o",
            "provider:openai/gpt-4o",
        ),
    ],
)
def test_a_budget_that_no_call_could_count_in_is_not_set_and_one_of_before_can_be_cleared(text: str) -> None:
    world = in_memory()
    with pytest.raises(InvalidRequest) as wrong:
        world.budget("1", scope=text)
    assert wrong.value.field == "scope"
    assert world.budgets.all(TENANT) == []
    assert world.budgets.clear(TENANT, text, WindowKind.DAY, SOMEBODY) is False


@pytest.mark.parametrize(
    "text", ["tag:team=a b", "tag:team==x", "tag:team=Süd", f"tag:team={'x' * 64}", "person:Ann Lee"]
)
def test_names_that_calls_can_have_are_set_for(text: str) -> None:
    world = in_memory()
    world.budget("1", scope=text)
    assert [each.budget.scope for each in world.budgets.all(TENANT)] == [text]


def test_a_call_counts_in_all_that_concern_it_the_narrowest_first() -> None:
    team = Team("platform", "Platform", service_keys=frozenset({KEY}))
    scopes = ["tenant", "provider:openai", "model:openai/gpt-4o-mini", "tag:feature=search", "team:platform"]
    scopes += [f"service-key:{KEY}", "person:ann", "session:run-7"]
    others = ["provider:anthropic", "model:openai/gpt-4o", "tag:feature=chat", "team:other", "person:bob"]
    found = counted([budget(scope) for scope in scopes + others], [team, Team("other", "Other")])
    assert [scope for scope, _, _ in found] == list(reversed(scopes))


def test_a_default_is_each_members_own_and_gives_way_to_the_members_own_budget() -> None:
    found = counted([budget("person:*"), budget("person:*", WindowKind.MONTH), budget("person:ann")])
    assert found == [
        ("person:ann", "person:ann", "day:2026-11-29"),
        ("person:*", "person:ann", "month:2026-11-01"),
    ]
    assert counted([budget("tag:feature=*"), budget("tag:other=*")]) == [
        ("tag:feature=*", "tag:feature=search", "day:2026-11-29")
    ]


def test_a_team_has_a_call_by_its_key_or_by_its_person() -> None:
    people = Team("p", "People", people=frozenset({"ann"}))
    assert people.has("any key", "ann")
    assert not people.has("any key", "bob")
    assert not people.has("any key", None)
    assert [scope for scope, _, _ in counted([budget("team:p")], [people])] == ["team:p"]


def test_units_have_windows_of_their_own() -> None:
    found = counted([budget("tenant", unit="tokens"), budget("tenant", unit="calls"), budget("tenant")])
    refs = [WindowRef(scope, window) for _, scope, window in found]
    assert [(ref.window, ref.unit) for ref in refs] == [
        ("calls.day:2026-11-29", "calls"),
        ("tokens.day:2026-11-29", "tokens"),
        ("day:2026-11-29", "usd"),
    ]


def test_a_window_leads_back_to_the_budget_that_it_is_of() -> None:
    known = TenantBudgets([budget("person:*"), budget("person:ann", unit="calls")], BudgetCalendar(ZoneInfo("UTC")))
    for ref, scope in (
        (WindowRef("person:ann", "day:2026-11-29"), "person:*"),
        (WindowRef("person:ann", "calls.day:2026-11-29"), "person:ann"),
    ):
        found = known.behind(ref)
        assert found is not None
        assert found.scope == scope
    assert known.behind(WindowRef("tenant", "day:2026-11-29")) is None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (WindowKind.MINUTE, "minute:2026-11-29T12:34Z"),
        (WindowKind.HOUR, "hour:2026-11-29T12:00Z"),
        (WindowKind.QUARTER, "quarter:2026-10-01"),
    ],
)
def test_windows_are_as_short_as_a_minute_and_as_long_as_a_quarter(kind: WindowKind, name: str) -> None:
    window = BudgetCalendar(ZoneInfo("Europe/Berlin")).window(kind, NOON)
    assert window.name == name
    assert window.begins is not None
    assert window.ends is not None
    assert window.begins <= NOON < window.ends


def test_a_refusal_names_the_member_and_a_smaller_one_gives_back_what_larger_ones_held() -> None:
    world = in_memory()
    world.budget("1")
    world.clock.pass_s(0.001)
    world.budget("0.005", scope="person:*")
    with pytest.raises(BudgetExceeded) as refused:
        world.spending.hold(world.attempt(end_user=EndUser("ann")))
    assert refused.value.details["scope"] == "person:ann"
    assert "person:ann (person:*)" in refused.value.message
    world.spending.hold(world.attempt())  # nobody's
    state = world.state()
    assert state is not None
    assert plain(state.held) == "0.01"


def test_budgets_in_calls_and_tokens_count_what_answered() -> None:
    world = in_memory()
    world.budget("2", unit="calls")
    world.clock.pass_s(0.001)
    world.budget("2500", unit="tokens")
    for _ in range(2):
        held = world.spending.hold(world.attempt(hold_tokens=1_200, estimate_tokens=500))
        world.spending.settle(held, world.settlement())  # of 1,000 tokens
    world.roll_up.run()
    assert world.check().drift == {}
    with pytest.raises(BudgetExceeded) as refused:
        world.spending.hold(world.attempt(hold_tokens=1_200))
    assert (refused.value.details["unit"], refused.value.details["spent"]) == ("calls", "2")
    known = world.book.of(TenantId("tenant-a"))
    assert world.windows.states(
        [(TenantId("tenant-a"), known.ref(each, "tenant", world.clock())) for each in known.budgets]
    )


def test_a_budget_of_a_person_begins_with_what_the_person_has_spent_in_its_window() -> None:
    world = in_memory()
    world.spend(usd("0.4"), end_user=EndUser("ann"))
    world.spend(usd("0.2"), end_user=EndUser("bob"))
    world.roll_up.run()
    for scope, spent in (("person:ann", "0.4"), ("model:openai/gpt-4o-mini", "0.6"), ("provider:anthropic", "0")):
        state = world.budget("1", scope=scope, window=WindowKind.MONTH).state
        assert state is not None
        assert plain(state.spent) == spent


def test_a_limit_below_what_is_spent_already_is_refused_and_zero_is_not() -> None:
    world = in_memory()
    world.budget("1")
    world.spend(usd("0.5"))
    world.clock.pass_s(0.001)
    with pytest.raises(InvalidRequest) as wrong:
        world.budget("0.4")
    assert wrong.value.field == "limit_usd"
    world.budget("0")


def test_a_team_that_is_none_of_the_tenants_is_not_found() -> None:
    with pytest.raises(NotFound):
        in_memory().budget("1", scope="team:nobodys")


def test_a_scope_has_four_budgets_at_most() -> None:
    world = in_memory()
    for window in (WindowKind.MINUTE, WindowKind.HOUR, WindowKind.DAY, WindowKind.WEEK):
        world.budget("1", window=window)
    with pytest.raises(InvalidRequest):
        world.budget("1", window=WindowKind.MONTH)


def test_a_default_s_scope_covers_its_members() -> None:
    assert BudgetScope(ScopeKind.TAG, "feature=search").default == BudgetScope(ScopeKind.TAG, "feature=*")
    assert BudgetScope(ScopeKind.SESSION, "a=b").default == BudgetScope(ScopeKind.SESSION, "*")
    assert BudgetScope(ScopeKind.TENANT).default is None
