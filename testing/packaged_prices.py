"""The packaged prices, decoded once a process: every world without prices of its own reads them."""

from collections.abc import Sequence
from functools import cache

from atom_llm.adapters.seed import load_seed
from atom_llm.domain.catalogue.catalogue import ModelEntry, decode
from atom_llm.domain.catalogue.refresh import Activation
from atom_llm.ports.catalogue import PriceBook
from atom_llm.ports.core import Clock
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, CatalogueReader


class PackagedPricesReader(CatalogueReader):
    """A reader that shares the packaged catalogue with those of other worlds; what a book holds it reads itself."""

    def __init__(
        self, book: PriceBook, clock: Clock, declared: Sequence[ModelEntry] = (), bedrock_region: str | None = None
    ) -> None:
        super().__init__(book, load_seed, clock, declared, bedrock_region)

    def _read(self, activation: Activation | None, known: CatalogueInForce | None) -> CatalogueInForce:
        if activation is None and not self._declared and self._bedrock_region is None:
            return packaged()
        return super()._read(activation, known)


@cache
def packaged() -> CatalogueInForce:
    """Decode the seed of the package."""
    seed = load_seed()
    return CatalogueInForce(decode(seed.snapshot), None, seed.as_of)
