"""A price list for where none can be fetched: the packaged prices, in the form of LiteLLM's file."""

import json
from pathlib import Path
from typing import Final

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import decode

FILE: Final = "model_prices_and_context_window.json"


def write_price_list(file: Path) -> None:
    """Write every row: a list with half of what is in force would not be taken for a whole one."""
    rows = {
        entry.source_key: {"litellm_provider": entry.provider, "mode": entry.mode, **(entry.published or {})}
        for entry in decode(load_seed().snapshot)
        if entry.alias_of is None
    }
    file.write_text(json.dumps(rows))
