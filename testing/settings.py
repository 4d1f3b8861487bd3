"""The settings of every world that runs in memory."""

from typing import Final

from atom_llm.settings import Settings

SETTINGS: Final = Settings("dev", "keys-table", "usage-table", "catalogue-table", "runtime-table", "pepper")
