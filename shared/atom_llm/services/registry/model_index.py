"""The search index of the catalogue in force: made anew when the prices or the scores have changed."""

from atom_llm.domain.registry.search import SearchIndex
from atom_llm.process_cache import DerivedValue
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.registry.read_quality import QualityReader


class ModelIndex:
    """The keeper of the search index."""

    def __init__(self, catalogue: CatalogueReader, quality: QualityReader) -> None:
        self._catalogue = catalogue
        self._quality = quality
        self._index: DerivedValue[tuple[str, str], SearchIndex] = DerivedValue()

    def current(self) -> SearchIndex:
        """Return the index of the snapshot and the set in force."""
        catalogue, quality = self._catalogue.current().catalogue, self._quality.current()
        return self._index.of((catalogue.version, quality.version), lambda: SearchIndex(catalogue, quality))
