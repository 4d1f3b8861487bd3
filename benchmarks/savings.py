"""`python -m benchmarks.savings`: a day of mixed traffic under `auto`, and under one frontier model for everything.

The prompts are the labelled ones, in an order that is always the same, spread over a day; the providers are stand-ins
whose usage follows the prompt, with an answer of its tier's usual length. A prompt that was judged below its label gets
nothing from the first model, as the worst case of a model that is too small: that is what escalation sees.
`--write` puts the figures into docs/tiers.md.
"""

import argparse
import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from atom_llm.domain.core.money import ZERO
from atom_llm.domain.core.providers import PROVIDER_BY_ID
from atom_llm.domain.registry.frontier import PricedQuality
from atom_llm.domain.tenancy.service_keys import Caller
from atom_llm.domain.tiers.classify import classify
from atom_llm.domain.tiers.tier import BOUNDS, TIERS
from atom_llm.observability import logger
from atom_llm.services.routing.tier_candidates import USUAL_OUTPUTS
from benchmarks.real_files import ROOT
from testing.chat_world import OURS, ChatWorld
from testing.fakes.service_keys import SetClock
from testing.labelled import Labelled, labelled
from testing.stand_in.server import StandIn

DOCUMENT: Final = ROOT / "docs" / "tiers.md"
BEGIN: Final = "<!-- begin: python -m benchmarks.savings --write -->"
END: Final = "<!-- end: python -m benchmarks.savings --write -->"
MORNING: Final = datetime(2026, 11, 23, tzinfo=UTC)
DAY: Final = timedelta(days=1)
SEED: Final = 20_261_123


@dataclass(frozen=True, slots=True)
class AnsweredPrompt:
    """A prompt that was answered: its model, its cost in USD, and the tiers that fell short before."""

    prompt: Labelled
    model: str
    quality: float
    cost: Decimal
    escalations: tuple[str, ...]

    @property
    def keeps_floor(self) -> bool:
        """Return whether the model is as good as the label asks."""
        return self.quality >= float(BOUNDS[self.prompt.tier].minimum_quality)


class Day:
    """A tenant with keys of all providers, and a clock."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.world = ChatWorld(stand_in, clock=SetClock(MORNING))
        for provider in PROVIDER_BY_ID:
            self.world.provider_key(provider)
        self.caller: Caller = self.world.container.tenancy.authenticator.authenticate(self.world.service_key())
        self.quality = {
            row.entry.id: row.quality for row in self.world.container.routing.eligible_models.current().whole.rows
        }

    async def replay(self, prompts: Sequence[Labelled], model: str) -> list[AnsweredPrompt]:
        """Replay the prompts, one after the other."""
        return [await self._ask(prompt, model, DAY / len(prompts)) for prompt in prompts]

    async def _ask(self, prompt: Labelled, model: str, later: timedelta) -> AnsweredPrompt:
        self.world.clock.pass_s(later.total_seconds())
        self.stand_in.behave()
        falls_short = model == "auto" and classify(prompt.messages).tier < prompt.tier
        self.stand_in.output_tokens = 0 if falls_short else USUAL_OUTPUTS[prompt.tier]
        asking = asyncio.ensure_future(
            self.world.container.calls.llm.complete(self.caller, {"model": model, "messages": list(prompt.messages)})
        )
        while falls_short and not asking.done():  # from the second attempt on there is an answer
            if self.stand_in.calls and self.stand_in.calls[0].answered:
                self.stand_in.output_tokens = USUAL_OUTPUTS[prompt.tier]
            await asyncio.sleep(0)
        completed = await asking
        await completed.settled
        name = completed.candidate.id
        return AnsweredPrompt(prompt, name, self.quality[name], completed.cost, completed.escalations)

    def frontier_model(self) -> str:
        """Return the best measured model of all; of equals the cheapest."""
        reachable = self.world.container.routing.tier_comparer.reachable(OURS)
        best: PricedQuality = max(
            (each for each in reachable if each.is_measured), key=lambda each: (each.quality, -each.price)
        )
        return best.model


def main() -> int:
    """Replay and print; the exit code is 0 whatever comes out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.savings", description=__doc__)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    logger().setLevel(logging.CRITICAL)  # escalations are told of, and here there are many
    prompts = list(labelled())
    Random(SEED).shuffle(prompts)  # always the same order
    with StandIn() as stand_in:
        day = Day(stand_in)
        best = day.frontier_model()
        auto = asyncio.run(Day(stand_in).replay(prompts, "auto"))
        everything = asyncio.run(Day(stand_in).replay(prompts, best))
    content = "\n".join(_lines(prompts, auto, everything, best))
    print(content)
    if chosen.write:
        before, _, rest = DOCUMENT.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{content}\n{END}{after}")
    return 0


def _lines(
    prompts: Sequence[Labelled], auto: Sequence[AnsweredPrompt], everything: Sequence[AnsweredPrompt], best: str
) -> list[str]:
    lines = [
        f"| {len(prompts)} prompts | cost | a prompt | models | as good as the label asks |",
        "|---|---|---|---|---|",
    ]
    for name, done in (("`auto`", auto), (f"`{best}` for everything", everything)):
        cost, kept = sum((each.cost for each in done), ZERO), sum(each.keeps_floor for each in done)
        models = len({each.model for each in done})
        lines.append(
            f"| {name} | ${cost:.4f} | ${cost / len(done):.6f} | {models} | {kept} ({100 * kept / len(done):.1f} %) |"
        )
    whole, part = (sum((each.cost for each in done), ZERO) for done in (everything, auto))
    escalated = Counter(len(each.escalations) for each in auto)
    below = sum(classify(each.prompt.messages).tier < each.prompt.tier for each in auto)
    lines += [
        "",
        f"`auto` costs {100 * part / whole:.1f} % of it. {below} prompts were judged below their label and got nothing "
        f"from the first model: {escalated[1]} of them were escalated once, {escalated[2]} twice.",
        "",
        "| label | prompts | `auto` | the frontier model | most often answered by |",
        "|---|---|---|---|---|",
    ]
    for tier in TIERS:
        own = [(one, other) for one, other in zip(auto, everything, strict=True) if one.prompt.tier is tier]
        costs = [sum((pair[side].cost for pair in own), ZERO) for side in (0, 1)]
        [(model, times)] = Counter(one.model for one, _ in own).most_common(1)
        lines.append(f"| {tier} | {len(own)} | ${costs[0]:.4f} | ${costs[1]:.4f} | {model} ({times}) |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
