#!/usr/bin/env bash
# Guess: where LiteLLM's price file has a rate for a service tier or for long prompts, LiteLLM's own calculator charges it,
# as it does for OpenAI's and Google's rows: whoever compares with its figures compares with its file.
# litellm==1.110.2, with the price file that its wheel carries.
# Behaviour: some providers have calculators of their own there, which do not take such keys. Of Fireworks' rows `_priority`
# is not charged when the call had that tier, of Perplexity's rows `_above_272k_tokens` is not when the prompt was longer;
# and of the two rows `perplexity/sonar` and `perplexity/perplexity/sonar` the first one's price is charged for both.
# Seen, in millionths of a USD: "fireworks deepseek-v4-pro-0813, priority: the file says 1650, charged 1320"
#                               "perplexity gpt-5.6-sol, 300,000 tokens: the file says 2400000, charged 1200000"
#                               "perplexity perplexity/sonar: the file says 250, charged 1000"
#                               "gpt-5, priority: the file says 2500, charged 2500"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check litellm==1.110.2

cat > "$folder/run.py" <<'PYTHON'
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from litellm import ModelResponse, Usage


def charged(model, tokens, tier=None):
    usage = Usage(prompt_tokens=tokens, completion_tokens=0, total_tokens=tokens)
    answer = ModelResponse(model=model, usage=usage)
    return round(litellm.completion_cost(completion_response=answer, model=model, service_tier=tier) * 1e6)


def published(model, key, tokens):
    return round(litellm.model_cost[model][key] * tokens * 1e6)


FIREWORKS = "fireworks_ai/accounts/fireworks/models/deepseek-v4-pro-0813"
LONG = "perplexity/openai/gpt-5.6-sol"
TWICE = "perplexity/perplexity/sonar"
RATE = "input_cost_per_token"
seen = [
    ("fireworks deepseek-v4-pro-0813, priority", published(FIREWORKS, f"{RATE}_priority", 1000), charged(FIREWORKS, 1000, "priority")),
    ("perplexity gpt-5.6-sol, 300,000 tokens", published(LONG, f"{RATE}_above_272k_tokens", 300_000), charged(LONG, 300_000)),
    ("perplexity perplexity/sonar", published(TWICE, RATE, 1000), charged(TWICE, 1000)),
    ("gpt-5, priority", published("gpt-5", f"{RATE}_priority", 1000), charged("gpt-5", 1000, "priority")),
]
for what, says, did in seen:
    print(f"{what}: the file says {says}, charged {did}")
assert [did == says for _, says, did in seen] == [False, False, False, True], seen
PYTHON

"$folder/venv/bin/python" "$folder/run.py"
