"""The models that tiers choose from: of the providers that are asked for, and of these no row but their own is read."""

from datetime import date

from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, decode
from atom_llm.domain.catalogue.refresh import SnapshotVersion
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.quality import decode_set, scored
from atom_llm.services.routing.eligible_models import EligibleModels
from tests.unit.registry.boards import index_of, made_up

TODAY = date(2026, 11, 28)
NOBODY = scored(made_up(), index_of())
LINE = '{"c":["vision"],"l":[null,null,null,null],"m":"chat","p":"%s","s":"litellm"}'


def packaged() -> EligibleModels:
    return EligibleModels(decode(load_seed().snapshot), decode_set(load_quality_seed()), TODAY)


def test_a_provider_s_models_are_those_that_it_has_among_all_in_whatever_order_providers_are_asked_for() -> None:
    whole = packaged().whole
    one_by_one = packaged()
    for provider in PROVIDER_BY_ID:
        found = one_by_one.of([provider])[provider]
        assert found.rows == [each for each in whole.rows if each.entry.provider == provider]
        assert found.deprecated == [each for each in whole.deprecated if each.provider == provider]
        assert found.obscure == [each for each in whole.obscure if each.provider == provider]
    assert one_by_one.whole == whole
    assert len(whole.rows) > 200
    assert [each.quality for each in whole.rows] == sorted(each.quality for each in whole.rows)


def test_a_row_of_another_provider_is_not_read_before_that_is_asked_for() -> None:
    texts = {"google/lore-1": '{"m":"chat",broken"p":"google"', "openai/sage-4": LINE % "openai"}
    known = Catalogue(SnapshotVersion("1"), [f"{key}\t{key}\t{text}" for key, text in texts.items()])
    found = EligibleModels(known, NOBODY, TODAY).of(["openai"])
    assert [each.entry.id for each in found["openai"].rows] == ["openai/sage-4"]


def test_a_model_that_is_listed_under_its_bare_name_too_is_one_model() -> None:
    lines = [f"{key}\t{key}\t{LINE % 'openai'}" for key in ("openai/sage-4", "sage-4")]
    found = EligibleModels(Catalogue(SnapshotVersion("1"), lines), NOBODY, TODAY).of(["openai"])
    assert [each.entry.id for each in found["openai"].rows] == ["openai/sage-4"]
