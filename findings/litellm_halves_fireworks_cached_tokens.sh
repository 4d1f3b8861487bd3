#!/usr/bin/env bash
# Guess: LiteLLM charges tokens that a provider's cache gave at the input's rate where the model's row publishes no rate of
# cached tokens, whoever the provider is, for nothing in its price file says otherwise.
# litellm==1.110.2, with the price file that its wheel carries.
# Behaviour: of Fireworks' models it halves the input's rate for them (Fireworks' own default discount), by a ratio in its
# code; rows of Together, Groq and Cerebras that lack the rate in the same way are charged in full. Who reads the price file
# alone, as most gateways do, charges twice for the cached part of a prompt at some 230 of its rows.
# Seen: "fireworks_ai/accounts/fireworks/models/deepseek-r1: 900 of 1,000 tokens cached cost as 550 tokens"
#       "together_ai/Qwen/Qwen2.5-7B-Instruct-Turbo: 900 of 1,000 tokens cached cost as 1000 tokens"
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
from litellm.types.utils import PromptTokensDetailsWrapper

seen = {}
for model in ("fireworks_ai/accounts/fireworks/models/deepseek-r1", "together_ai/Qwen/Qwen2.5-7B-Instruct-Turbo"):
    row = litellm.model_cost[model]
    assert "cache_read_input_token_cost" not in row, row
    cached = PromptTokensDetailsWrapper(cached_tokens=900)
    usage = Usage(prompt_tokens=1000, completion_tokens=0, total_tokens=1000, prompt_tokens_details=cached)
    cost = litellm.completion_cost(completion_response=ModelResponse(model=model, usage=usage), model=model)
    seen[model] = round(cost / row["input_cost_per_token"])
    print(f"{model}: 900 of 1,000 tokens cached cost as {seen[model]} tokens")
assert list(seen.values()) == [550, 1000], seen
PYTHON

"$folder/venv/bin/python" "$folder/run.py"
