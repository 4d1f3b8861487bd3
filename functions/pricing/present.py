"""Domain values as the pricing routes show them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from atom_llm.domain.catalogue.catalogue import ModelEntry
from atom_llm.domain.catalogue.consensus import RateAgreement
from atom_llm.domain.catalogue.own_prices import OwnPrices
from atom_llm.domain.catalogue.quarantine import HeldProposal
from atom_llm.domain.catalogue.refresh import SourceState
from atom_llm.domain.catalogue.statements import Statements
from atom_llm.domain.pricing.token_prices import prices_of_rates
from atom_llm.http.published import plain_rates
from atom_llm.http.routed.cost_lines import cost_lines
from atom_llm.services.catalogue.estimate_cost import CostEstimate
from atom_llm.services.catalogue.price_history import DatedEvent, PricePeriod
from atom_llm.services.catalogue.price_summary import CatalogueSummary
from atom_llm.services.catalogue.pricing_fetcher import RefreshReport
from atom_llm.services.catalogue.read_catalogue import CatalogueInForce, ResolvedModel
from functions.pricing import present_consensus, schemas


def sources(states: Mapping[str, SourceState]) -> list[schemas.SourceOut]:
    """Return every source with its last answer, as it is shown."""
    return [
        schemas.SourceOut(
            name=name,
            state=state.condition,
            checked_at=state.checked_at,
            fetched_at=state.fetched_at,
            failing_since=state.failing_since,
            models=state.models,
            detail=state.detail,
        )
        for name, state in sorted(states.items())
    ]


def refresh(report: RefreshReport) -> schemas.RefreshOut:
    """Return the report of a refresh, its events counted by kind."""
    return schemas.RefreshOut(
        outcome=report.outcome,
        snapshot_version=report.version,
        last_updated=report.succeeded_at,
        models=report.models,
        fetched=report.fetched,
        added=report.events.get("added", 0),
        removed=report.events.get("removed", 0),
        changed=report.events.get("price", 0),
        deprecated=report.events.get("deprecation", 0),
        quarantined=report.events.get("quarantined", 0),
        held_in_quarantine=report.held,
        sources=sources(report.sources),
    )


def cheapest(summary: CatalogueSummary) -> list[schemas.CheapModelOut]:
    """Return the cheapest chat models, as they are shown."""
    return [
        schemas.CheapModelOut(
            model=entry.id,
            provider=entry.provider,
            input_usd_per_token=prices.input,
            output_usd_per_token=prices.output,
            blended_usd_per_token=prices.blended,
        )
        for entry, prices in summary.cheapest
    ]


def comparison(summary: CatalogueSummary) -> list[schemas.ProviderComparisonOut]:
    """Return providers side by side, as they are shown."""
    return [
        schemas.ProviderComparisonOut(
            provider=each.provider,
            models=each.models,
            priced_chat_models=each.priced_chat_models,
            cheapest_model=each.cheapest,
            lowest_blended_usd_per_token=each.lowest_blended,
            median_blended_usd_per_token=each.median_blended,
        )
        for each in summary.providers
    ]


def own(
    in_force: CatalogueInForce, entry: ModelEntry, prices: OwnPrices | None, now: datetime
) -> schemas.OwnOut | None:
    """Return what a model costs a tenant by an own price of its; None where the list's holds."""
    price = None if prices is None else prices.price_of(entry.id, now)
    if price is None or prices is None:
        return None
    tokens = prices_of_rates(prices.rates_of(in_force.catalogue, now)(entry))
    return schemas.OwnOut(
        price_id=price.id,
        input_usd_per_token=tokens.input if tokens else None,
        output_usd_per_token=tokens.output if tokens else None,
    )


def model_fields(
    in_force: CatalogueInForce, entry: ModelEntry, today: date, own: schemas.OwnOut | None = None
) -> dict[str, Any]:
    """Return the fields that every view of a row shares; `own` is the caller's own price of it."""
    rates = in_force.catalogue.rates(entry)
    prices = in_force.catalogue.token_prices(entry)
    unread = dict(rates.unread or {})
    limits = entry.limits
    takes, gives = entry.modalities
    return {
        "id": entry.id,
        "provider": entry.provider,
        "source_key": entry.source_key,
        "source": entry.source,
        "mode": entry.mode,
        "first_party": entry.first_party,
        "listed": entry.absent_since is None,
        "deprecated": entry.is_deprecated(today),
        "deprecation_date": entry.deprecation_date,
        "capabilities": sorted(entry.capabilities),
        "input_modalities": list(takes),
        "output_modalities": list(gives),
        "limits": schemas.LimitsOut(
            max_input_tokens=limits.max_input_tokens,
            max_output_tokens=limits.max_output_tokens,
            prompt_cache_min_tokens=limits.prompt_cache_min_tokens,
            output_vector_size=limits.output_vector_size,
        ),
        "priced": rates.is_priced,
        "input_usd_per_token": prices.input if prices else None,
        "output_usd_per_token": prices.output if prices else None,
        "own": own,
        "rates": plain_rates({key: value for key, value in (entry.published or {}).items() if key not in unread}),
        "lent_rates": [
            schemas.LentRateOut(rate_key=key, source=source, own=own)
            for key, (source, own) in sorted((entry.lent or {}).items())
        ],
        "unread_cost_keys": plain_rates(unread),
    }


def listed_model(in_force: CatalogueInForce, entry: ModelEntry, today: date) -> schemas.ListedModelOut:
    """Return a row as the list of all shows it."""
    prices = in_force.catalogue.token_prices(entry)
    return schemas.ListedModelOut(
        id=entry.id,
        provider=entry.provider,
        source=entry.source,
        mode=entry.mode,
        first_party=entry.first_party,
        listed=entry.absent_since is None,
        deprecated=entry.is_deprecated(today),
        max_input_tokens=entry.limits.max_input_tokens,
        input_usd_per_token=prices.input if prices else None,
        output_usd_per_token=prices.output if prices else None,
        rates=plain_rates(entry.published or {}),
    )


def model_price(
    in_force: CatalogueInForce,
    found: ResolvedModel,
    agreed: Sequence[RateAgreement] | None,
    today: date,
    own: schemas.OwnOut | None,
) -> schemas.ModelPriceOut:
    """Return a row with all that its price rests on."""
    entry, activation = found.entry, in_force.activation
    return schemas.ModelPriceOut(
        **model_fields(in_force, entry, today, own),
        match=found.match,
        also_sold_as=list(found.also),
        origin=origin(in_force),
        snapshot_version=in_force.catalogue.version,
        believed_since=in_force.as_of,
        fetched_at=activation.source_times.get(entry.source) if activation else None,
        agreement=present_consensus.agreement(agreed) if agreed is not None else None,
    )


def origin(in_force: CatalogueInForce) -> Any:
    """Return `seed` for the prices that came with the package, `snapshot` for fetched ones."""
    return "seed" if in_force.is_seed else "snapshot"


def estimate(in_force: CatalogueInForce, priced: CostEstimate, own_total: Decimal | None) -> schemas.EstimateOut:
    """Return an estimate line by line; `own_total` is the caller's by an own price, in USD."""
    cost = priced.cost
    return schemas.EstimateOut(
        model=priced.found.entry.id,
        match=priced.found.match,
        provider=priced.found.entry.provider,
        source=priced.found.entry.source,
        input_tokens=priced.usage.context_tokens,
        input_tokens_estimated=priced.method is not None,
        token_estimate_method=priced.method,
        lines=cost_lines(cost.lines),
        input_usd=cost.input,
        output_usd=cost.output,
        extra_usd=cost.extra,
        total_usd=cost.total,
        own_total_usd=own_total,
        price_version=in_force.catalogue.version,
        origin=origin(in_force),
    )


def event(dated: DatedEvent) -> schemas.PriceEventOut:
    """Return an event with the activation that it belongs to."""
    happened = dated.event
    return schemas.PriceEventOut(
        at=dated.activation.activated_at,
        kind=happened.kind,
        model=happened.model or None,
        provider=happened.provider or None,
        source=happened.source,
        before=plain_rates(happened.before),
        after=plain_rates(happened.after),
        reason=happened.reason,
        snapshot_version=dated.activation.version,
    )


def period(span: PricePeriod) -> schemas.PricePeriodOut:
    """Return a span of a model's prices, as it is shown."""
    return schemas.PricePeriodOut(
        since=span.since,
        until=span.until,
        rates=plain_rates(span.rates),
        source=span.source,
        snapshot_version=span.version,
    )


def held(waiting: HeldProposal, statements: Statements) -> schemas.HeldOut:
    """Return a proposal in quarantine, with what lists say of its row."""
    entry = waiting.entry
    return schemas.HeldOut(
        subject=waiting.subject,
        source=waiting.source,
        reason=waiting.reason,
        first_seen=waiting.first_seen,
        proposed_rates=plain_rates(entry.published or {}) if entry else None,
        evidence=present_consensus.evidence(statements.about(entry)) if entry else {},
    )
