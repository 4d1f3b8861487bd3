"""The accuracy of the classifier, on the half of the labelled prompts that it was not made with."""

from collections import Counter

from atom_llm.domain.pricing.token_estimate import estimated_tokens
from atom_llm.domain.tiers.classify import classify
from atom_llm.domain.tiers.tier import TIERS, Tier
from testing.labelled import Labelled, labelled, long_text

EXACT = 0.80  # of the test half
WITHIN_ONE = 0.97


def judged(split: str) -> list[tuple[Labelled, Tier]]:
    return [(each, classify(each.messages).tier) for each in labelled(split)]


def test_four_of_five_are_exact_and_nearly_all_within_one_tier() -> None:
    distances = [abs(tier.rank - each.tier.rank) for each, tier in judged("test")]
    assert distances.count(0) >= EXACT * len(distances)
    assert sum(distance <= 1 for distance in distances) >= WITHIN_ONE * len(distances)


def test_at_the_edges_none_is_off_by_more_than_one_tier() -> None:
    edges = [(each.id, tier) for each, tier in judged("test") if each.tier in (Tier.MICRO, Tier.COMPLEX)]
    micro = {identity: tier for identity, tier in edges if identity.startswith("micro")}
    complex_ = {identity: tier for identity, tier in edges if identity.startswith("complex")}
    assert len(micro) >= 40
    assert len(complex_) >= 40
    assert {identity for identity, tier in micro.items() if tier >= Tier.VERSATILE} == set()
    assert {identity for identity, tier in complex_.items() if tier <= Tier.VERSATILE} == set()


def test_the_set_is_large_mixed_and_half_of_it_is_kept_aside() -> None:
    everything = labelled()
    assert len(everything) >= 400
    assert abs(len(labelled("test")) - len(labelled("train"))) <= 0.05 * len(everything)
    assert len({each.id for each in everything}) == len(everything)
    assert len({str(each.messages) for each in everything}) == len(everything)
    assert all(each.why and each.kind for each in everything)
    languages = Counter(each.language for each in everything)
    assert sum(count >= 10 for count in languages.values()) >= 12
    for split in ("train", "test"):
        tiers = Counter(each.tier for each in labelled(split))
        assert min(tiers[tier] for tier in TIERS) >= 40


def test_a_long_text_is_about_as_long_as_was_asked_for() -> None:
    for corpus in ("report", "文章", "code"):
        assert 2_000 <= estimated_tokens(long_text(corpus, 2_000)) <= 2_600
