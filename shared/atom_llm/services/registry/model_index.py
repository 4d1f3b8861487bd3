"""The search index of what is believed now: made anew when the prices or the scores have changed."""

from threading import Lock

from atom_llm.domain.registry.search import SearchIndex
from atom_llm.services.catalogue.read_catalogue import CatalogueReader
from atom_llm.services.registry.read_quality import QualityReader


class ModelIndex:
    """Keeps it."""

    def __init__(self, catalogue: CatalogueReader, quality: QualityReader) -> None:
        self._catalogue = catalogue
        self._quality = quality
        self._lock = Lock()
        self._index: SearchIndex | None = None

    def current(self) -> SearchIndex:
        """The index of the snapshot and the set in force."""
        catalogue, quality = self._catalogue.current().catalogue, self._quality.current()
        with self._lock:
            if self._index is None or self._index.versions != (catalogue.version, quality.version):
                self._index = SearchIndex(catalogue, quality)
            return self._index
