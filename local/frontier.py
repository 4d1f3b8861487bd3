"""`python -m local.frontier`: draw docs/frontier.svg from the packaged prices and scores."""

import sys
from datetime import UTC, datetime

from atom_llm.adapters.seed import load_quality_seed, load_seed
from atom_llm.domain.catalogue.catalogue import decode
from atom_llm.domain.core.money import per_million, plain
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.frontier import PricedQuality, frontier
from atom_llm.domain.registry.quality import decode_set
from atom_llm.domain.registry.search import SearchIndex
from atom_llm.http.files.frontier_svg import drawn
from atom_llm.services.routing.eligible_models import is_obscure
from local.workspace import ROOT

PICTURE = ROOT / "docs" / "frontier.svg"


def main() -> int:
    """Draw the chat models of the providers that are called, and list the frontier."""
    seed = load_seed()
    catalogue, quality = decode(seed.snapshot), decode_set(load_quality_seed())
    index, today = SearchIndex(catalogue, quality), datetime.now(UTC).date()
    models = []
    for provider in PROVIDER_BY_ID:
        for entry in catalogue.by_provider.get(provider, ()):
            prices, score = catalogue.token_prices(entry), index.quality_of(entry.id)
            if entry.mode != "chat" or entry.is_deprecated(today) or is_obscure(entry, score):
                continue
            if prices is not None and score is not None:
                models.append(PricedQuality(entry.id, score.score, prices.blended, score.source != "heuristic"))
    credit = f"{quality.attribution}, {quality.published}; prices of {seed.as_of.date()}"
    PICTURE.write_text(drawn(models, credit) + "\n")
    for each in frontier(model for model in models if model.price):
        print(f"{each.quality:6.2f}  ${plain(per_million(each.price)):>8} a million tokens  {each.model}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
