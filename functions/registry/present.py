"""Models, scores and health as the routes show them."""

from datetime import date
from typing import Any

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.ledger.sums import Histogram, percentile
from atom_llm.domain.pricing.token_prices import TokenPrices
from atom_llm.domain.registry.quality import ATTRIBUTION, Quality
from atom_llm.domain.registry.search import SearchHit
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce
from atom_llm.services.registry.llm_registry_service import ListedProvider, RegisteredModel, ReportedHealth
from atom_llm.services.registry.provider_health import Health
from atom_llm.services.registry.sync_quality import QualityReport
from functions.registry import schemas

_WORST_LAST = ("unknown", "closed", "half_open", "open")


def found_model(hit: SearchHit) -> schemas.FoundModelOut:
    """Return a hit of a search, as it is shown."""
    outline = hit.outline
    return schemas.FoundModelOut(
        id=outline.id,
        provider=outline.provider,
        mode=outline.mode,
        context=outline.context,
        capabilities=sorted(outline.capabilities),
        first_party=outline.first_party,
        deprecation_date=date.fromisoformat(outline.deprecation) if outline.deprecation else None,
        blended_usd_per_token=hit.blended,
        quality=quality(hit.quality),
        reasons=list(hit.reasons),
    )


def quality(of: Quality | None) -> schemas.QualityOut | None:
    """Return a score with its source, as it is shown; None without one."""
    if of is None:
        return None
    return schemas.QualityOut(
        score=of.score,
        source=of.source,
        rating=of.rating,
        interval=None if of.interval is None else list(of.interval),
        votes=of.votes,
        published=of.published,
        name=of.name,
        is_weak=of.is_weak,
        attribution=ATTRIBUTION if of.source == "lmarena" else None,
    )


def model(of: RegisteredModel) -> schemas.RegistryModelOut:
    """Return a model with all that is known of it."""
    entry, in_force = of.found.entry, of.in_force
    prices = in_force.catalogue.token_prices(entry)
    return schemas.RegistryModelOut(
        id=entry.id,
        name=entry.name,
        provider=entry.provider,
        match=of.found.match,
        mode=entry.mode,
        capabilities=sorted(entry.capabilities),
        max_input_tokens=entry.limits.max_input_tokens,
        max_output_tokens=entry.limits.max_output_tokens,
        first_party=entry.first_party,
        is_served=entry.provider in PROVIDER_BY_ID,
        deprecation_date=entry.deprecation_date,
        is_deprecated=entry.is_deprecated(of.today),
        missing_since_refresh=entry.absent_since,
        price=_price(prices),
        quality=quality(of.quality),
        hosts=[_host(in_force, each) for each in in_force.hosts(entry)],
    )


def _price(prices: TokenPrices | None) -> schemas.PriceSummaryOut:
    if prices is None:
        return schemas.PriceSummaryOut(input_usd_per_token=None, output_usd_per_token=None, blended_usd_per_token=None)
    return schemas.PriceSummaryOut(
        input_usd_per_token=prices.input,
        output_usd_per_token=prices.output,
        blended_usd_per_token=prices.blended,
    )


def _host(in_force: CatalogueInForce, entry: ModelEntry) -> schemas.HostOut:
    prices = in_force.catalogue.token_prices(entry)
    return schemas.HostOut(
        id=entry.id,
        provider=entry.provider,
        first_party=entry.first_party,
        blended_usd_per_token=prices.blended if prices else None,
    )


def provider_health(of: ReportedHealth) -> schemas.ProviderHealthOut:
    """Return a provider's health with that of its models; a circuit that is not known is `unknown`."""
    whole, models, circuits = of.health.whole, of.health.models, of.circuits
    seen = whole.seen
    phases: list[Any] = [circuits.get(model, "unknown") for model in models]
    return schemas.ProviderHealthOut(
        provider=of.provider,
        state=whole.state,
        sample_size=seen.calls,
        calls=seen.calls,
        success_rate=_rate(whole),
        rate_limited=seen.limited,
        latency_ms=_percentiles(seen.latency),
        first_token_ms=_percentiles(seen.first_token),
        breaker=max(phases, key=_WORST_LAST.index, default="unknown"),
        window_begin=of.health.since,
        window_end=of.health.until,
        models=[
            schemas.ModelHealthOut(
                model=f"{of.provider}/{name}",
                state=health.state,
                calls=health.seen.calls,
                success_rate=_rate(health),
                latency_ms=_percentiles(health.seen.latency),
                first_token_ms=_percentiles(health.seen.first_token),
                breaker=circuits.get(name, "unknown"),
            )
            for name, health in models.items()
        ],
    )


def provider(of: ListedProvider) -> schemas.CatalogueProviderOut:
    """Return a provider with its rows counted."""
    name = of.position.id
    known = PROVIDER_BY_ID.get(name)
    return schemas.CatalogueProviderOut(
        id=name,
        display_name=known.display_name if known is not None else name,
        is_served=known is not None,
        models=len(of.rows),
        chat_models=sum(row.mode == "chat" for row in of.rows),
        rated_models=of.rated_models,
        health=of.health.whole.state if of.health is not None else None,
    )


def synced(report: QualityReport) -> schemas.SyncOut:
    """Return the report of a sync, as it is shown."""
    return schemas.SyncOut(
        source=report.source,
        version=report.version,
        version_before=report.version_before,
        changed=report.has_changed,
        published=report.published,
        rows=report.rows,
        matched=report.matched,
        unmatched_count=len(report.unmatched),
        unmatched=list(report.unmatched),
        attribution=ATTRIBUTION,
    )


def _percentiles(histogram: Histogram) -> schemas.PercentilesOut:
    return schemas.PercentilesOut(p50=percentile(histogram, 0.5), p95=percentile(histogram, 0.95))


def _rate(health: Health) -> float | None:
    rate = health.seen.success_rate
    return None if rate is None else round(rate, 4)
