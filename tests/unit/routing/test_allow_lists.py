"""Allow-lists: which models a pattern is of, whose lists concern a call, and what no list may have."""

import pytest

from atom_llm.domain.core.errors import InvalidRequest
from atom_llm.domain.core.ids import ServiceKeyId
from atom_llm.domain.ledger.scopes import Team
from atom_llm.domain.routing.allow_lists import MAX_PATTERNS, AllowList, Asker, TenantAllowLists, patterns

KEY = ServiceKeyId("ourServiceKe")


@pytest.mark.parametrize(
    ("pattern", "model", "allowed"),
    [
        ("openai/*", "openai/gpt-4o", True),
        ("openai/*", "openrouter/openai/gpt-4o", False),
        ("openai/gpt-4o", "openai/gpt-4o", True),
        ("openai/gpt-4o", "openai/gpt-4o-mini", False),
        ("openai/gpt-4o*", "openai/gpt-4o-mini", True),
        ("gpt-4o-mini", "openai/gpt-4o-mini", True),
        ("gpt-4o-mini", "openrouter/openai/gpt-4o-mini", True),
        ("gpt-4o-mini", "openai/not-gpt-4o-mini", False),
        ("claude-*", "anthropic/claude-haiku-4-5", True),
        ("*/gpt-4o", "openai/gpt-4o", True),
        ("*", "openai/gpt-4o", True),
        ("openai/gpt-4.1", "openai/gpt-4x1", False),
        ("openai/gpt-4o", "OpenAI/GPT-4o", True),
        ("auto", "openai/auto", False),
        ("tier/micro", "tier/micro", False),
    ],
)
def test_a_pattern_is_of_ids_with_a_slash_and_of_names_without(pattern: str, model: str, allowed: bool) -> None:
    assert AllowList("tenant", (pattern,)).allows(model) is allowed


def concerning(asker: Asker, scopes: dict[str, str], teams: tuple[Team, ...] = ()) -> list[str]:
    made = TenantAllowLists({scope: AllowList(scope, (model,)) for scope, model in scopes.items()}, teams)
    return [each.scope for each in made.concerning(asker).lists]


def test_a_call_keeps_to_the_lists_of_its_person_key_teams_and_tenant() -> None:
    teams = (Team("by-key", "", frozenset({KEY})), Team("by-person", "", people=frozenset({"ann"})), Team("other", ""))
    scopes = {
        "person:ann": "a",
        f"service-key:{KEY}": "a",
        "team:by-key": "a",
        "team:by-person": "a",
        "team:of-token": "a",
        "team:other": "a",
        "tenant": "a",
        "person:bob": "a",
    }
    found = concerning(Asker(KEY, "ann", "of-token"), scopes, teams)
    assert found == [
        "person:ann",
        f"service-key:{KEY}",
        "team:by-key",
        "team:by-person",
        "team:of-token",
        "tenant",
    ]


def test_a_default_is_each_member_s_that_has_no_list_of_its_own() -> None:
    scopes = {"person:*": "a", "person:ann": "b"}
    assert concerning(Asker(KEY, "ann"), scopes) == ["person:ann"]
    assert concerning(Asker(KEY, "bob"), scopes) == ["person:*"]
    assert concerning(Asker(KEY), scopes) == []


def test_a_model_has_to_be_on_every_list_and_the_first_that_leaves_it_out_is_named() -> None:
    both = {"tenant": AllowList("tenant", ("openai/*",)), "person:*": AllowList("person:*", ("gpt-*", "o3"))}
    found = TenantAllowLists(both).concerning(Asker(KEY, "ann"))
    assert found.refusal("openai/gpt-4o") is None
    assert found.refusal("azure/gpt-4o") == "the allow-list of tenant leaves it out: openai/*"
    assert found.refusal("openai/o1") == "the allow-list of person:* leaves it out: gpt-*, o3"


def test_a_tier_s_name_lets_all_pass_that_it_chooses_and_no_other_tier() -> None:
    found = TenantAllowLists({"tenant": AllowList("tenant", ("tier/micro", "openai/*"))}).concerning(Asker(KEY))
    assert found.beside("tier/micro", "micro").refusal("groq/any") is None
    assert found.beside("auto", "micro").refusal("groq/any") is None
    assert found.beside("auto", "heavy").refusal("groq/any") is not None
    assert found.beside("auto", "heavy").refusal("openai/any") is None
    assert found.refusal("groq/any") is not None


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([], "models"),
        (["openai/*"] * (MAX_PATTERNS + 1), "models"),
        (["openai/*", ""], "models.1"),
        (["a,b"], "models.0"),
        (["gpt 4"], "models.0"),
        (["tier/huge"], "models.0"),
        (["openia/*"], "models.0"),
    ],
)
def test_what_is_no_pattern_is_refused_by_its_place(given: list[str], place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        patterns(given)
    assert refused.value.details["field"] == place


def test_patterns_are_kept_once_and_in_small_letters() -> None:
    assert patterns([" OpenAI/GPT-4o ", "openai/gpt-4o", "*/x", "auto"]) == ("openai/gpt-4o", "*/x", "auto")
