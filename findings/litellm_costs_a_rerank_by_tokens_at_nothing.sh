#!/usr/bin/env bash
# Guess: LiteLLM costs a rerank by the tokens that the provider counts where its price file prices the model by the token.
# litellm==1.110.2, with the price file that its wheel carries; Together's answer is a server's of our own, in the form that
# Together documents.
# Behaviour: it looks for a price of a query alone, which such a row does not have, and says 0.0, without an error and as a
# cost like any other; Jina's rows, whose provider has a calculator of its own, are costed by their tokens. A budget that
# counts what it says never fills.
# Seen: "together_ai/Salesforce/Llama-Rank-V1: the file says 0.0001837, said 0"
#       "jina_ai/jina-reranker-v2-base-multilingual: the file says 9.185e-05, said 9.185e-05"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check litellm==1.110.2

cat > "$folder/run.py" <<'PYTHON'
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

TOKENS = 1837


class Provider(BaseHTTPRequestHandler):
    """Answers a rerank as Together and Jina document it."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(
            {
                "id": "oGs6Zt9-62bZhn-99529372487b1b0a",
                "object": "rerank",
                "model": "a-reranker",
                "results": [{"index": 0, "relevance_score": 0.98, "document": {"text": "a"}}],
                "usage": {"prompt_tokens": TOKENS, "completion_tokens": 0, "total_tokens": TOKENS},
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/v1"
seen = []
for model in ("together_ai/Salesforce/Llama-Rank-V1", "jina_ai/jina-reranker-v2-base-multilingual"):
    row = litellm.model_cost.get(model) or litellm.model_cost[model.partition("/")[2]]
    assert row["input_cost_per_token"] > 0 and "input_cost_per_query" not in row, row
    answer = litellm.rerank(model=model, query="q", documents=["a"], top_n=1, api_base=base, api_key="k")
    says, said = TOKENS * row["input_cost_per_token"], answer._hidden_params["response_cost"]
    print(f"{model}: the file says {says:.5g}, said {said:.5g}")
    seen.append((says, said))
server.shutdown()
assert seen[0][1] == 0.0 and abs(seen[1][0] - seen[1][1]) < 1e-12, seen
PYTHON

"$folder/venv/bin/python" "$folder/run.py"
