"""Tokens of trusted issuers: who they stand for, why one is refused, and how long what is known of them holds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from atom_llm.domain.core.errors import (
    Conflict,
    InvalidRequest,
    IssuerUnavailable,
    RateLimited,
    TokenRefused,
)
from atom_llm.domain.core.ids import TenantId
from atom_llm.domain.tenancy.identity.key_sets import KeySet, published_keys
from atom_llm.domain.tenancy.identity.tokens import LEEWAY_S
from atom_llm.domain.tenancy.identity.trusted_issuers import ClaimRule
from atom_llm.domain.tenancy.service_keys import Scope
from testing.identity_world import ACME, BY, OPERATOR, OTHER, RULE, IdentityWorld
from testing.issuer_keys import ISSUER, LIVES_S, claims, public, signing_key, token

CHAT = frozenset({Scope.CHAT})


@pytest.fixture
def world() -> IdentityWorld:
    return IdentityWorld()


def refusal(world: IdentityWorld, shown: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        world.tokens.authenticate(shown)
    assert not set(shown.split(".")) & set(refused.value.message.split())
    return refused.value.reason


def test_a_token_stands_for_the_tenant_the_scopes_and_the_person_of_its_rule(world: IdentityWorld) -> None:
    caller = world.tokens.authenticate(world.good())
    assert (caller.tenant, caller.scopes, caller.person) == (ACME, RULE.scopes, "ann")


def test_a_person_has_the_same_id_in_the_books_with_each_token_and_nobody_else_has_it(world: IdentityWorld) -> None:
    first, again, other = (world.tokens.authenticate(world.good(sub=who)).key_id for who in ("ann", "ann", "bob"))
    assert first == again != other
    assert len(first) == 12


@pytest.mark.parametrize("kind", ["rsa", "ec", "ed"])
def test_each_trusted_algorithm_opens(world: IdentityWorld, kind: str) -> None:
    assert world.tokens.authenticate(token(getattr(world, kind), claims(world.clock()))).tenant == ACME


@pytest.mark.parametrize("seconds", [LIVES_S + LEEWAY_S - 1, LIVES_S + LEEWAY_S])
def test_a_token_ends_with_the_leeway_and_not_later(world: IdentityWorld, seconds: int) -> None:
    shown = world.good()
    world.clock.pass_s(seconds)
    if seconds < LIVES_S + LEEWAY_S:
        assert world.tokens.authenticate(shown).tenant == ACME
    else:
        assert refusal(world, shown) == "time"


def test_a_remembered_token_ends_with_its_time_too(world: IdentityWorld) -> None:
    shown = world.good()
    world.clock.pass_s(LIVES_S + LEEWAY_S - 1)
    world.tokens.authenticate(shown)
    assert world.tokens.remembered(shown) is not None
    world.clock.pass_s(1)
    assert world.tokens.remembered(shown) is None


def test_the_first_rule_that_a_token_meets_holds() -> None:
    admins = ClaimRule(frozenset({Scope.ADMIN}), tenant=OTHER, when=(("realm_access.roles", ("admin",)),))
    world = IdentityWorld(admins, RULE)
    assert world.tokens.authenticate(world.good()).tenant == ACME
    both = world.tokens.authenticate(world.good(realm_access={"roles": ["x", "admin"]}))
    assert (both.tenant, both.scopes) == (OTHER, frozenset({Scope.ADMIN}))


def test_a_claim_names_tenant_team_scopes_and_person() -> None:
    rule = ClaimRule(
        frozenset({Scope.CHAT, Scope.KEYS_READ}),
        tenant_claim="org",
        scopes_claim="scope",
        team_claim="department",
        person_claim="email",
    )
    world = IdentityWorld(rule)
    named = {"org": "acme", "scope": "openid chat admin", "department": "research", "email": "ann@acme.com"}
    caller = world.tokens.authenticate(world.good(**named))
    assert (caller.tenant, caller.scopes, caller.person) == (ACME, CHAT, "ann@acme.com")
    assert caller.holder is not None
    assert caller.holder.team == "research"
    assert refusal(world, world.good(**named | {"scope": "openid admin"})) == "scopes"
    assert refusal(world, world.good(**named | {"org": "nobody"})) == "tenant"
    assert refusal(world, world.good(**named | {"org": ["acme", "other"]})) == "tenant"
    assert refusal(world, world.good(**named | {"department": None})) == "team"
    assert refusal(world, world.good(**named | {"email_verified": False})) == "person"


def test_no_issuer_names_the_operators_tenant_by_a_claim() -> None:
    world = IdentityWorld(ClaimRule(CHAT, tenant_claim="org"))
    assert refusal(world, world.good(org=str(OPERATOR))) == "tenant"
    fixed = IdentityWorld(ClaimRule(CHAT, tenant=OPERATOR))
    assert fixed.tokens.authenticate(fixed.good()).tenant == OPERATOR


def test_a_deleted_tenants_tokens_open_nothing_within_half_a_minute(world: IdentityWorld) -> None:
    shown = world.good()
    world.tokens.authenticate(shown)
    world.tenants.stored[ACME] = replace(world.tenants.stored[ACME], deleted_at=world.clock())
    world.clock.pass_s(30)
    assert refusal(world, shown) == "tenant"


# Keys


def rotated(world: IdentityWorld) -> str:
    """Put another key in the place of all, and return a token by it."""
    fresh = signing_key("RS256", "RS256-2")
    world.source.keys = (public(fresh),)
    return token(fresh, claims(world.clock()))


def test_a_rotated_key_opens_once_the_issuer_may_be_asked_again(world: IdentityWorld) -> None:
    world.clock.pass_s(11)
    world.tokens.authenticate(world.good())
    assert world.tokens.authenticate(rotated(world)).tenant == ACME
    assert world.source.reads == 2


def test_unknown_key_ids_ask_the_issuer_once_in_ten_seconds(world: IdentityWorld) -> None:
    world.clock.pass_s(11)
    for number in range(50):
        assert refusal(world, token(world.rsa, claims(world.clock()), {"kid": f"unknown-{number}"})) == "unknown_key"
    assert world.source.reads == 2  # one when the issuer was trusted
    world.clock.pass_s(10)
    assert refusal(world, token(world.rsa, claims(world.clock()), {"kid": "unknown"})) == "unknown_key"
    assert world.source.reads == 3


def test_a_withdrawn_key_opens_nothing_after_five_minutes(world: IdentityWorld) -> None:
    rotated(world)
    world.clock.pass_s(299)
    assert world.tokens.authenticate(world.good()).tenant == ACME
    world.clock.pass_s(1)
    assert refusal(world, world.good()) == "unknown_key"


@pytest.mark.parametrize("is_new", [False, True], ids=["the same process", "a new process"])
def test_the_last_keys_of_an_issuer_that_is_down_hold_for_an_hour(world: IdentityWorld, is_new: bool) -> None:
    world.source.is_down = True
    if is_new:
        world.is_new_process()
    world.clock.pass_s(3_599)
    assert world.tokens.authenticate(world.good()).tenant == ACME
    world.clock.pass_s(1)
    with pytest.raises(IssuerUnavailable):
        world.tokens.authenticate(world.good(nonce=1))


def test_an_issuer_that_is_down_is_asked_once_in_ten_seconds(world: IdentityWorld) -> None:
    world.source.is_down = True
    world.clock.pass_s(400)
    for number in range(20):
        world.tokens.authenticate(world.good(nonce=number))
    assert world.source.reads == 2


def test_a_token_without_a_key_id_is_by_the_one_key_that_fits(world: IdentityWorld) -> None:
    assert world.tokens.authenticate(token(world.ec, claims(world.clock()), {"kid": None})).tenant == ACME
    second = signing_key("ES256", "ES256-2")
    world.source.keys = (*world.source.keys, public(second))
    world.is_new_process()
    assert refusal(world, token(world.ec, claims(world.clock()), {"kid": None})) == "unknown_key"


def test_of_two_keys_with_the_same_id_each_is_tried(world: IdentityWorld) -> None:
    second = public(signing_key("RS256", "RS256-2")) | {"kid": "RS256-1"}
    world.source.keys = (second, *world.source.keys)
    world.is_new_process()
    assert world.tokens.authenticate(world.good()).tenant == ACME


def test_what_cannot_verify_is_not_kept_of_a_key_set() -> None:
    good = public(signing_key("RS256", "RS256-1"))
    weak = good | {"n": good["n"][:100]}
    odd = [weak, {"kty": "oct", "k": "AAAA"}, good | {"use": "enc"}, good | {"key_ops": ["sign"]}, 5, {"kty": "EC"}]
    with pytest.raises(ValueError, match="no key that verifies"):
        published_keys({"keys": odd})
    [kept] = published_keys({"keys": [*odd, good | {"d": "private", "x5c": ["MIIB"]}]})
    assert "d" not in kept


# Trust


def test_an_issuer_that_is_no_longer_trusted_opens_nothing_within_half_a_minute(world: IdentityWorld) -> None:
    shown = world.good()
    elsewhere = world.tokens
    elsewhere.authenticate(shown)
    world.is_new_process()
    world.trusted.distrust(world.issuer().id, BY)
    world.clock.pass_s(30)
    assert elsewhere.remembered(shown) is None
    with pytest.raises(TokenRefused):
        elsewhere.authenticate(shown)


def test_issuers_that_are_not_trusted_cost_no_request_of_theirs(world: IdentityWorld) -> None:
    reads = world.source.reads
    assert refusal(world, world.good(iss="https://evil.example.com")) == "issuer"
    assert world.source.reads == reads


def test_an_issuer_that_cannot_be_asked_is_not_trusted(world: IdentityWorld) -> None:
    world.source.is_down = True
    with pytest.raises(InvalidRequest) as refused:
        world.trusted.trust(world.issuer(RULE, url="https://down.example.com"), BY)
    assert refused.value.field == "issuer"
    assert world.store.find("https://down.example.com") is None


def test_the_same_declaration_changes_nothing(world: IdentityWorld) -> None:
    told = len(world.audit.all)
    before = world.store.find(ISSUER)
    world.clock.pass_s(60)
    assert world.trusted.trust(world.issuer(RULE), BY) == before
    assert len(world.audit.all) == told


def test_each_tenant_that_a_rule_names_is_told_of_its_issuer(world: IdentityWorld) -> None:
    world.trusted.trust(world.issuer(replace(RULE, tenant=OTHER)), BY)
    told = [(each.tenant, each.action, each.subject, each.by_operator) for each in world.audit.all[-3:]]
    assert told == [(tenant, "issuer.trusted", ISSUER, tenant != OPERATOR) for tenant in (OPERATOR, ACME, OTHER)]


def test_an_admin_sees_the_rules_of_its_own_tenant_alone() -> None:
    world = IdentityWorld(RULE, replace(RULE, tenant=OTHER, when=()))
    [seen] = world.trusted.listed(ACME, is_operator=False)
    assert seen.rules == (RULE,)
    assert world.trusted.listed(TenantId("third"), is_operator=False) == []
    [whole] = world.trusted.listed(OPERATOR, is_operator=True)
    assert len(whole.rules) == 2


Change = Callable[[IdentityWorld], object]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://login.example.com"}, "issuer"),
        ({"url": "https://127.0.0.1"}, "issuer"),
        ({"url": "https://10.0.0.1/keys"}, "issuer"),
        ({"url": "https://login.example.com?x=1"}, "issuer"),
        ({"url": "https://user@login.example.com"}, "issuer"),
        ({"url": "https://metadata.google.internal"}, "issuer"),
        ({"jwks_uri": "https://169.254.169.254/latest"}, "jwks_uri"),
        ({"audiences": ("an audience",)}, "audiences.0"),
        ({"algorithms": ("RS256", "HS256")}, "algorithms.1"),
        ({"algorithms": ("none",)}, "algorithms.0"),
        ({"rules": (replace(RULE, tenant=None),)}, "rules.0.tenant"),
        ({"rules": (replace(RULE, tenant_claim="org"),)}, "rules.0.tenant"),
        ({"rules": (RULE, replace(RULE, tenant=TenantId("nobody")))}, "rules.1.tenant"),
        ({"rules": (replace(RULE, team="a", team_claim="b"),)}, "rules.0.team"),
        ({"rules": (replace(RULE, when=()), RULE)}, "rules.1"),
    ],
    ids=[
        *("plain HTTP", "a loopback address", "a private address", "a query", "a user", "an internal name"),
        *("keys at a private address", "an audience with a space", "a shared secret", "no signature"),
        *("no tenant", "two tenants", "an unknown tenant", "two teams", "a rule behind one for everybody"),
    ],
)
def test_a_declaration_that_is_wrong_names_its_field_and_changes_nothing(
    world: IdentityWorld, change: dict[str, object], field: str
) -> None:
    before, told = world.store.all(), len(world.audit.all)
    with pytest.raises(InvalidRequest) as refused:
        world.trusted.trust(replace(world.issuer(RULE), **change), BY)  # type: ignore[arg-type]  # by name
    assert refused.value.field == field
    assert (world.store.all(), len(world.audit.all)) == (before, told)


def test_whoever_changes_an_issuer_over_a_newer_declaration_is_told_so(world: IdentityWorld) -> None:
    find = world.store.find

    def raced(url: str) -> object:
        found = find(url)
        world.store.stored[ISSUER] = replace(world.store.stored[ISSUER], revision="another")
        return found

    world.store.find = raced  # type: ignore[method-assign, assignment]
    with pytest.raises(Conflict):
        world.trusted.trust(world.issuer(replace(RULE, tenant=OTHER)), BY)


# Exchange


def test_a_token_is_exchanged_for_a_key_that_ends_with_it(world: IdentityWorld) -> None:
    issued = world.exchange.of_token(world.good(), frozenset(), "203.0.113.9")
    key = issued.key
    assert (key.tenant, key.scopes, key.holder and key.holder.person) == (ACME, RULE.scopes, "ann")
    assert key.expires_at == world.clock() + timedelta(seconds=LIVES_S + LEEWAY_S)
    [entry] = [each for each in world.audit.all if each.action == "service_key.exchanged"]
    assert (entry.tenant, entry.person, entry.subject, entry.origin) == (ACME, "ann", key.key_id, "203.0.113.9")


def test_a_key_lives_for_an_hour_however_long_its_token_does(world: IdentityWorld) -> None:
    issued = world.exchange.of_token(world.good(exp=int(world.clock().timestamp()) + 80_000), CHAT, None)
    assert (issued.key.expires_at, issued.key.scopes) == (world.clock() + timedelta(hours=1), CHAT)


def test_an_exchange_gives_no_scope_that_the_token_has_not(world: IdentityWorld) -> None:
    with pytest.raises(InvalidRequest) as refused:
        world.exchange.of_token(world.good(), frozenset({Scope.CHAT, Scope.ADMIN}), None)
    assert refused.value.field == "scope"
    assert world.service_keys.stored == {}


def test_one_person_exchanges_thirty_times_a_minute(world: IdentityWorld) -> None:
    for _ in range(30):
        world.exchange.of_token(world.good(), CHAT, None)
    with pytest.raises(RateLimited):
        world.exchange.of_token(world.good(), CHAT, None)
    world.exchange.of_token(world.good(sub="bob"), CHAT, None)
    world.clock.pass_s(60)
    world.exchange.of_token(world.good(), CHAT, None)


def test_keys_are_kept_for_other_processes_once_after_each_reading(world: IdentityWorld) -> None:
    kept: list[KeySet] = []
    world.store.keep_keys = lambda url, read: kept.append(read)  # type: ignore[method-assign]
    world.exchange.of_token(world.good(), CHAT, None)
    assert kept == []  # they were kept when the issuer was trusted
    world.clock.pass_s(300)
    for _ in range(3):
        world.exchange.of_token(world.good(), CHAT, None)
    assert [each.read_at for each in kept] == [world.clock()]
