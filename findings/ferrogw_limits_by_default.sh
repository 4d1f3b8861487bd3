#!/usr/bin/env bash
# Guess: a gateway that is given a provider and a key, and no limit, passes on whatever one client sends.
# ferrogw==1.5.10 (the Ferro gateway, one program in a wheel).
# Behaviour: without any limit in its configuration it refuses a client that sends more than some forty requests in a
# burst: 429 with the code rate_limit_exceeded and Retry-After: 1, before the provider is asked. With RATE_LIMIT_RPS and
# RATE_LIMIT_BURST in its environment, which no configuration file mentions, the same requests all pass. Load tests of it
# that look at times alone measure its refusals.
# Seen: "by default: 40 of 1,000 answered 200, the others 429 rate_limit_exceeded" (a few more or less on a slower machine)
#       "with RATE_LIMIT_RPS and RATE_LIMIT_BURST: 1000 of 1,000 answered 200"
# It listens on every address of the machine, so that it runs in a network of its own that has nothing but loopback.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ferrogw==1.5.10
printf 'strategy:\n  mode: single\ntargets:\n  - virtual_key: openai\n' > "$folder/config.yaml"

cat > "$folder/run.py" <<'PYTHON'
import collections
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
answer = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1762000000,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


provider = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=provider.serve_forever, daemon=True).start()


def answered(more, port):
    """Return how often each status, and each code of an error, was answered to 1,000 requests on four connections."""
    environment = {
        **os.environ,
        "PORT": str(port),
        "OPENAI_API_KEY": "sk-x",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{provider.server_port}",
        "GATEWAY_CONFIG": f"{folder}/config.yaml",
        "MASTER_KEY": "fgw_0123456789abcdef0123456789abcdef",
        **more,
    }
    with open(f"{folder}/log", "wb") as log:
        gateway = subprocess.Popen([f"{folder}/venv/bin/ferrogw", "serve"], env=environment, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(2)
        body = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]})
        headers = {"content-type": "application/json", "authorization": f"Bearer {environment['MASTER_KEY']}"}
        seen = collections.Counter()

        def ask():
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            for _ in range(250):
                connection.request("POST", "/v1/chat/completions", body, headers)
                got = connection.getresponse()
                told = json.loads(got.read())
                seen[got.status, told.get("error", {}).get("code")] += 1

        callers = [threading.Thread(target=ask) for _ in range(4)]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        return seen
    finally:
        gateway.terminate()
        gateway.wait()


bare = answered({}, 8091)
passed = bare[200, None]
print(f"by default: {passed} of 1,000 answered 200, the others", *{f"{s} {c}" for s, c in bare if s != 200})
assert 20 <= passed < 900, bare
assert set(bare) == {(200, None), (429, "rate_limit_exceeded")}, bare
lifted = answered({"RATE_LIMIT_RPS": "100000", "RATE_LIMIT_BURST": "100000"}, 8092)
print(f"with RATE_LIMIT_RPS and RATE_LIMIT_BURST: {lifted[200, None]} of 1,000 answered 200")
assert lifted == {(200, None): 1000}, lifted
PYTHON

unshare --map-root-user --net "$folder/venv/bin/python" "$folder/run.py" "$folder"
