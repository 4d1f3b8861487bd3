"""The snapshot: what goes in comes out, equal contents have equal names, and damage is noticed."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import (
    FORMAT,
    MAX_SNAPSHOT_BYTES,
    ModelEntry,
    TokenLimits,
    decode,
    encode,
    is_charged,
)
from atom_llm.domain.catalogue.errors import SnapshotCorrupt
from atom_llm.domain.catalogue.outlines import sold_rows
from atom_llm.domain.core.errors import InvalidRate
from testing import real_data
from testing.rows import ENTRIES, IN, row

CATALOGUES = st.lists(ENTRIES, max_size=6, unique_by=lambda entry: entry.id)


@given(CATALOGUES)
@settings(deadline=None)
def test_what_is_encoded_decodes_to_the_same(entries: list[ModelEntry]) -> None:
    version, snapshot = encode(entries)
    catalogue = decode(snapshot)
    assert catalogue.version == version
    assert list(catalogue) == sorted(entries, key=lambda entry: entry.id)
    assert len(catalogue) == len(entries)


@given(CATALOGUES)
@settings(deadline=None)
def test_the_rows_of_providers_in_a_mode_are_found_without_parsing_them(entries: list[ModelEntry]) -> None:
    within = [replace(entry, id=f"{entry.provider.replace('/', '')}/m{at}") for at, entry in enumerate(entries)]
    catalogue = decode(encode(replace(entry, provider=entry.id.partition("/")[0]) for entry in within)[1])
    providers = [*{entry.provider for entry in catalogue}][:3]
    for mode in {entry.mode for entry in catalogue if entry.mode is not None}:
        found = catalogue.rows_of(providers, mode)
        assert {provider: [catalogue[row] for row in rows] for provider, rows in found.items()} == {
            provider: [entry for entry in catalogue if (entry.provider, entry.mode) == (provider, mode)]
            for provider in providers
        }


def test_a_row_whose_id_does_not_begin_with_its_provider_is_found_by_its_own_word() -> None:
    nothing_said = replace(row(rates={"m": "chat"}), mode=None)
    catalogue = decode(encode([replace(row(), id="lore-1"), nothing_said])[1])
    assert catalogue.rows_of(["acme", "lore"], "chat") == {"acme": [1], "lore": []}


@given(CATALOGUES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_does_not_change_a_version(entries: list[ModelEntry], chance: Any) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert encode(shuffled) == encode(entries)


CHANGES: list[Callable[[ModelEntry], ModelEntry]] = [
    lambda entry: replace(entry, id="acme/other"),
    lambda entry: replace(entry, source_key="other"),
    lambda entry: replace(entry, provider="other"),
    lambda entry: replace(entry, source="openrouter"),
    lambda entry: replace(entry, mode=None),
    lambda entry: replace(entry, published={IN: "0.000002"}),
    lambda entry: replace(entry, limits=TokenLimits(max_input_tokens=0)),
    lambda entry: replace(entry, limits=TokenLimits(max_output_tokens=1)),
    lambda entry: replace(entry, capabilities=frozenset({"vision"})),
    lambda entry: replace(entry, modalities=(("text",), ())),
    lambda entry: replace(entry, modalities=((), ("text",))),
    lambda entry: replace(entry, deprecation_date=date(2026, 1, 1)),
    lambda entry: replace(entry, first_party=True),
    lambda entry: replace(entry, absent_since=1),
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_field_is_part_of_the_version(change: Callable[[ModelEntry], ModelEntry]) -> None:
    assert encode([row()])[0] != encode([change(row())])[0]


def test_a_limit_of_zero_is_not_an_unknown_limit() -> None:
    entry = row(limits=TokenLimits(max_input_tokens=0))
    assert list(decode(encode([entry])[1])) == [entry]


def test_a_price_keeps_the_digits_it_was_published_with() -> None:
    entry = row(rates={IN: "2.5e-06", "output_cost_per_token": "0.00000090000000000000005"})
    assert next(iter(decode(encode([entry])[1]))).published == entry.published


def test_the_empty_catalogue_is_one() -> None:
    assert len(decode(encode([])[1])) == 0


# Damage


@given(st.binary(max_size=200))
def test_bytes_that_are_no_snapshot_are_refused(content: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        decode(content)


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_no_single_damaged_byte_passes_unnoticed(position: int, difference: int) -> None:
    entries = [row("a"), row("b")]
    _, snapshot = encode(entries)
    damaged = bytearray(snapshot)
    damaged[position % len(damaged)] ^= difference
    try:
        assert list(decode(bytes(damaged))) == entries  # the header of a zlib stream has bits that say nothing
    except SnapshotCorrupt:
        return


def test_a_truncated_snapshot_is_refused_at_every_length() -> None:
    _, snapshot = encode([row("a"), row("b")])
    for length in range(len(snapshot)):
        with pytest.raises(SnapshotCorrupt):
            decode(snapshot[:length])


def test_a_body_that_is_not_the_version_s_is_refused() -> None:
    version, _ = encode([row("a")])
    forged = zlib.compress(json.dumps({"format": FORMAT, "version": version}).encode() + b"\nacme/a\ta\t{}")
    with pytest.raises(SnapshotCorrupt, match="does not match its version"):
        decode(forged)


def test_another_format_is_refused() -> None:
    other = zlib.compress(json.dumps({"format": FORMAT + 1, "version": "x"}).encode() + b"\n")
    with pytest.raises(SnapshotCorrupt, match="of another format"):
        decode(other)


def test_a_snapshot_that_inflates_beyond_the_limit_is_not_inflated_beyond_it() -> None:
    bomb = zlib.compress(b"{}" + b" " * (MAX_SNAPSHOT_BYTES + 1), 9)
    with pytest.raises(SnapshotCorrupt):
        decode(bomb)


def test_a_line_that_is_no_row_is_refused_rather_than_indexed() -> None:
    torn = replace(row(), id="acme/a\nb")
    with pytest.raises(SnapshotCorrupt, match="no row"):
        decode(encode([torn])[1])


# Look-up


def test_a_row_is_found_by_its_id_and_by_its_key() -> None:
    entry = row("m", source_key="acme-ai/m")
    catalogue = decode(encode([entry])[1])
    assert catalogue.get("acme/m") == catalogue.get("acme-ai/m") == entry


@pytest.mark.parametrize("name", ["", "m", "acme", "ACME/M", "acme/m2", "acme/"])
def test_nothing_else_finds_it(name: str) -> None:
    assert decode(encode([row("m", source_key="k")])[1]).get(name) is None


def test_an_id_wins_over_another_row_s_key() -> None:
    catalogue = decode(encode([row("m"), row("z", source_key="acme/m")])[1])
    found = catalogue.get("acme/m")
    assert found is not None
    assert found.source_key == "m"


def test_a_row_and_its_rates_are_decoded_once() -> None:
    catalogue = decode(encode([row()])[1])
    entry = catalogue.get("acme/m")
    assert entry is not None
    assert catalogue.get("m") is entry
    assert catalogue.rates(entry) is catalogue.rates(entry)


def test_xai_s_rates_begin_at_their_threshold_and_others_above_it() -> None:
    rates: dict[str, object] = {IN: 1, f"{IN}_above_128k_tokens": 2}
    catalogue = decode(encode([row("g", provider="xai", rates=rates), row("g", rates=rates)])[1])
    charged = []
    for name in ("xai/g", "acme/g"):
        entry = catalogue.get(name)
        assert entry is not None
        found = catalogue.rates(entry).step(IN, 128_000, "")
        assert found is not None
        charged.append(found.rate)
    assert charged == [2, 1]


def test_rows_are_grouped_by_provider_in_the_order_of_ids() -> None:
    catalogue = decode(encode([row("b"), row("a"), row("c", provider="zeta")])[1])
    assert {name: [entry.name for entry in own] for name, own in catalogue.by_provider.items()} == {
        "acme": ["a", "b"],
        "zeta": ["c"],
    }
    assert list(catalogue.identities()) == [("acme/a", "a"), ("acme/b", "b"), ("zeta/c", "c")]


def test_a_row_with_an_impossible_rate_cannot_be_compiled() -> None:
    entry = row(charge="-1")
    with pytest.raises(InvalidRate):
        decode(encode([entry])[1]).rates(entry)


def test_a_model_is_deprecated_from_its_date_on() -> None:
    entry = row(deprecation_date=date(2026, 11, 12))
    assert not entry.is_deprecated(date(2026, 11, 11))
    assert entry.is_deprecated(date(2026, 11, 12))
    assert not row().is_deprecated(date(9999, 1, 1))


def test_the_newest_file_fits_a_few_hundred_kilobytes_and_comes_back_whole() -> None:
    entries = real_data.litellm_of(real_data.NOVEMBER).entries
    _, snapshot = encode(entries.values())
    assert len(snapshot) < 200_000
    assert {entry.id: entry for entry in decode(snapshot)} == entries


def test_what_rows_are_sold_as_is_what_their_entries_say() -> None:
    catalogue = decode(load_seed().snapshot)
    entries = [(each.id, each.source_key, each.provider, each.first_party, is_charged(each)) for each in catalogue]
    assert list(sold_rows(catalogue)) == entries
