"""Names, labels and notes that somebody is shown: no controls, and any other Unicode."""

from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from atom_llm.http.problems import problem_of_fields
from atom_llm.http.schemas import SHOWN, ControlModel
from functions.byok.bills import schemas_reconcile
from functions.byok.budgets.schemas_budgets import PoolName, RaiseIn
from functions.byok.budgets.schemas_teams import TeamIn
from functions.byok.identity.schemas_issuers import ClaimRuleIn, IssuerIn
from functions.byok.keys.schemas_keys import KeyChangeIn
from functions.byok.prices.schemas_prices import PriceIn
from functions.byok.tenants.schemas_declared import DeclaredTenantIn
from functions.byok.tenants.schemas_tenants import ServiceKeyIn, TenantChangeIn, TenantIn
from functions.byok.usage.schemas_usage import CorrectionIn

CONTROLS = ["\0", "\n", "\t", "\x1b", "\x7f", "\x85", "\x9b", "\u202a", "\u202e", "\u2066", "\u2069"]
PLAIN = ["Zürich", "日本", "שלום", "مرحبا", "👩‍💻", "a\u200db", "a\u00a0b", "\u200e1", "🏴‍☠️"]
text = TypeAdapter(Annotated[str, SHOWN])

FIELDS: list[tuple[type[ControlModel], str]] = [
    (KeyChangeIn, "label"),
    (ServiceKeyIn, "label"),
    (TenantIn, "name"),
    (TenantChangeIn, "name"),
    (DeclaredTenantIn, "name"),
    (TeamIn, "name"),
    (RaiseIn, "why"),
    (PriceIn, "note"),
    (PriceIn, "models"),
    (CorrectionIn, "reason"),
    (ClaimRuleIn, "team"),
    (ClaimRuleIn, "person_claim"),
    (IssuerIn, "issuer"),
    (IssuerIn, "sign_in_client"),
]


def faults(model: type[ControlModel], body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    details = problem_of_fields([{**each, "loc": ("body", *each["loc"])} for each in refused.value.errors()]).details
    assert details is not None
    return {each["field"]: each["message"] for each in details["fields"]}


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_character_is_refused(control: str) -> None:
    with pytest.raises(ValidationError):
        text.validate_python(f"a{control}b")


@pytest.mark.parametrize("plain", PLAIN)
def test_any_other_unicode_is_taken_as_it_is(plain: str) -> None:
    assert text.validate_python(plain) == plain


@pytest.mark.parametrize(("model", "name"), FIELDS)
@pytest.mark.parametrize("control", ["\x1b", "\u202e"])
def test_the_field_that_has_a_control_character_is_named(model: type[ControlModel], name: str, control: str) -> None:
    told = faults(model, {name: f"acme/a{control}b.example"})[name]
    assert told == "must have no control character, and none that turns the direction of a text"


@pytest.mark.parametrize("key", [PoolName, schemas_reconcile.KeyName])
def test_a_name_that_stands_in_others_has_none_either(key: Any) -> None:
    with pytest.raises(ValidationError, match="control character"):
        TypeAdapter(key).validate_python("a\x1bb")


def test_people_of_a_team_and_values_of_claims_have_none_either() -> None:
    assert "people.0" in faults(TeamIn, {"name": "Platform", "people": ["a\u202eb"]})
    assert "when.groups.0" in faults(ClaimRuleIn, {"scopes": ["chat"], "when": {"groups": ["a\x1bb"]}})
