"""Ten operations with the generated client of Python, run in its own environment: it imports nothing of ours."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from atom_llm_client import AuthenticatedClient  # type: ignore[import-not-found]
from atom_llm_client.api.budgets import byok_budgets, byok_set_budget  # type: ignore[import-not-found]
from atom_llm_client.api.calls import chat_completions  # type: ignore[import-not-found]
from atom_llm_client.api.classification import tiers_classification  # type: ignore[import-not-found]
from atom_llm_client.api.models import chat_models, chat_route  # type: ignore[import-not-found]
from atom_llm_client.api.prices import pricing_estimate, pricing_model  # type: ignore[import-not-found]
from atom_llm_client.api.usage import byok_call, byok_calls  # type: ignore[import-not-found]
from atom_llm_client.models import (  # type: ignore[import-not-found]
    BudgetIn,
    ChatCompletionsChatIn,
    ChatRouteChatIn,
    ClassifyIn,
    EstimateIn,
    WindowKind,
)

MODEL = os.environ["MODEL"]
ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 20}


def main() -> None:
    """Call the operations, and print a line of JSON for each: its id, and whether the parsed answer is right."""
    client = AuthenticatedClient(base_url=os.environ["ROOT_URL"], token=os.environ["SERVICE_KEY"])
    route = chat_route.sync(client=client, body=ChatRouteChatIn.from_dict(ASKED))
    told("chat_route", lambda: route.chosen == MODEL)
    completed = chat_completions.sync_detailed(client=client, body=ChatCompletionsChatIn.from_dict(ASKED))
    call_id = completed.headers["x-llm-call-id"]
    told("chat_completions", lambda: completed.parsed.model == MODEL)
    told("chat_models", lambda: MODEL in [each.id for each in chat_models.sync(client=client).data])
    called = byok_calls.sync(client=client, limit=1).data.items[0]
    told("byok_calls", lambda: called.call_id == call_id)
    proof = byok_call.sync(client=client, call_id=call_id).data
    told("byok_call", lambda: proof.call_id == call_id)
    body = BudgetIn(window=WindowKind.MONTH, limit_usd="100")
    told("byok_set_budget", lambda: byok_set_budget.sync(client=client, body=body).success)
    told("byok_budgets", lambda: "100" in [each.limit_usd for each in byok_budgets.sync(client=client).data.items])
    told("pricing_model", lambda: pricing_model.sync(client=client, model=MODEL).data.id == MODEL)
    counts = EstimateIn(model=MODEL, input_tokens=1000, output_tokens=100)
    told("pricing_estimate", lambda: pricing_estimate.sync(client=client, body=counts).data.total_usd == "0.00021")
    prompt = ClassifyIn(prompt="What is the capital of Mongolia?")
    told("tiers_classification", lambda: tiers_classification.sync(client=client, body=prompt).data.tier == "micro")


def told(operation: str, is_right: Callable[[], Any]) -> None:
    """Print whether an operation's answer, as the client reads it, is right."""
    sys.stdout.write(json.dumps({"operation": operation, "is_right": bool(is_right())}) + "\n")


main()
