"""The price list of `make smoke ENV=local`."""

from pathlib import Path

from atom_llm.adapters.sources import litellm
from local.smoke.price_list import write_price_list
from testing.packaged_prices import packaged


def test_it_is_read_as_the_packaged_prices(tmp_path: Path) -> None:
    write_price_list(tmp_path / "prices.json")
    read = litellm.read((tmp_path / "prices.json").read_bytes())
    in_force = packaged().catalogue
    assert {entry.source_key for entry in read.entries.values()} == {
        entry.source_key for entry in in_force if entry.alias_of is None
    }
    mini = in_force.get("openai/gpt-4o-mini")
    assert mini is not None
    assert read.entries[mini.id].published == mini.published
