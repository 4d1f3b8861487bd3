"""The quality of some rows is what it is among all, and only what it could hang on is read for it."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.domain.catalogue.catalogue import Catalogue, ModelEntry, decode, encode
from atom_llm.domain.catalogue.refresh import SnapshotVersion
from atom_llm.domain.registry.board import BoardRow
from atom_llm.domain.registry.quality import QualitySet, decode_set, scored
from atom_llm.domain.registry.row_quality import kin_of, row_qualities
from atom_llm.domain.registry.search import SearchIndex
from testing.rows import NAMES, row
from tests.unit.registry.boards import index_of, made_up

NOBODY = scored(made_up(), index_of())

# Names of few families, in all ways in which hosts and makers spell one: so some are the same model, or its relatives.
BEGINNINGS = st.sampled_from(["", "acme/", "us.anthropic.", "meta.", "host/v1/", "-"])
FIRST_WORDS = st.sampled_from(["claude", "Claude", "sage", "o", "o3", "o14", "4o", "c4ai", "ſage", "σaς", "Σ#1", "#"])
ENDINGS = [
    "-3",
    "-3.5",
    "-4",
    ".1",
    "_mini",
    " Opus",
    "-opus",
    "-haiku",
    "-70b",
    "-thinking",
    "+",
    "@",
    "/x",
    "-ς",
    "#2",
]
LEFT_OUT = ["-instruct", "-latest", "-preview", "-2024-07-18", "-20240718", "-0613", "-1106-preview", "-v1:0", "-fp8"]
FURTHER = st.lists(st.sampled_from([*ENDINGS, *LEFT_OUT]), max_size=4).map("".join)
SPELT = st.builds("{}{}{}".format, BEGINNINGS, FIRST_WORDS, FURTHER) | NAMES
SOLD = st.builds(
    lambda key, mode, usd: replace(row("m", usd, source_key=key), mode=mode),
    SPELT,
    st.sampled_from(["chat", "chat", "completion", "embedding", None]),
    st.sampled_from(["0.000001", "0.000003", "0"]),
)


def catalogue(*entries: ModelEntry) -> Catalogue:
    return decode(encode(replace(each, id=f"acme/m{place:02}") for place, each in enumerate(entries))[1])


def assert_same(known: Catalogue, wanted: list[int], scores: QualitySet, among_all: SearchIndex) -> None:
    assert row_qualities(known, wanted, scores) == [among_all.quality_of(known.ids[each]) for each in wanted]


@given(st.lists(SOLD, min_size=1, max_size=14), st.randoms())
def test_rows_have_the_quality_that_they_have_among_all_however_their_names_are_spelt(
    entries: list[ModelEntry], random: Random
) -> None:
    known = catalogue(*entries)
    wanted = random.sample(range(len(entries)), random.randint(0, len(entries)))
    rated = scored(made_up(BoardRow("sage-4", 1500.0), BoardRow("claude-3-opus", 1400.0)), index_of(*entries))
    for scores in (NOBODY, rated):
        assert_same(known, wanted, scores, SearchIndex(known, scores))


def test_so_have_those_of_each_provider_in_the_packaged_prices() -> None:
    known, scores = decode(load_seed().snapshot), decode_set(load_quality_seed())
    among_all = SearchIndex(known, scores)
    for rows in known.rows_of({each.partition("/")[0] for each in known.ids}, "chat").values():
        assert_same(known, list(rows), scores, among_all)


def test_rows_that_nothing_hangs_on_are_not_read() -> None:
    line, broken = '{"l":[null,null,null,null],"m":"chat","p":"acme","s":"litellm"}', "no row"
    names = {"acme/lore-9": broken, "acme/sage-4": line, "cloud/sage-5": line}
    known = Catalogue(SnapshotVersion("1"), [f"{key}\t{key}\t{text}" for key, text in names.items()])
    assert kin_of(known, [1]) == [1, 2]
    (older,) = row_qualities(known, [1], NOBODY)
    (newer,) = row_qualities(known, [2], NOBODY)
    assert older is not None
    assert newer is not None
    assert older.score < newer.score
