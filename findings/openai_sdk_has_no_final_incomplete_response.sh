#!/usr/bin/env bash
# Guess: the stream helper of OpenAI's SDK ends with the response that the provider sent last, cut off or not.
# openai==3.57.0 (Python), `client.responses.stream`.
# Behaviour: where an answer reaches `max_output_tokens` the API's last event is `response.incomplete`, with the whole
# response, its usage and all of its text. The helper hands that event on, but `get_final_response()` raises: it waits for
# `response.completed` alone. A gateway that is tried through the helper seems to lose the ends of such streams, and its
# caller loses the text and the usage of an answer that was billed. The response stands in the last event.
# Seen: "last event: response.incomplete with 'Hello' and 7 tokens"
#       "get_final_response: RuntimeError: Didn't receive a `response.completed` event."
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai==3.57.0

cat > "$folder/run.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openai import OpenAI

text = {"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}
item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "incomplete", "content": [text]}
usage = {
    "input_tokens": 3,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 4,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 7,
}
begun = {
    "id": "resp_1", "object": "response", "created_at": 1762000000, "status": "in_progress", "error": None,
    "incomplete_details": None, "instructions": None, "metadata": {}, "model": "gpt-4o-mini", "output": [],
    "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0, "usage": None,
}
ended = {
    **begun, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": [item], "usage": usage,
}
of_the_text = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
events = [
    {"type": "response.created", "response": begun},
    {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}},
    {"type": "response.content_part.added", **of_the_text, "part": {**text, "text": ""}},
    {"type": "response.output_text.delta", **of_the_text, "delta": "Hello", "logprobs": []},
    {"type": "response.output_text.done", **of_the_text, "text": "Hello", "logprobs": []},
    {"type": "response.content_part.done", **of_the_text, "part": text},
    {"type": "response.output_item.done", "output_index": 0, "item": item},
    {"type": "response.incomplete", "response": ended},
]


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = "".join(
            f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
            for number, event in enumerate(events)
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="sk-1", max_retries=0)
with client.responses.stream(model="gpt-4o-mini", input="Hello", max_output_tokens=16) as stream:
    last = list(stream)[-1]
    print(f"last event: {last.type} with {last.response.output_text!r} and {last.response.usage.total_tokens} tokens")
    try:
        stream.get_final_response()
        told = "returned a response"
    except RuntimeError as error:
        told = f"{type(error).__name__}: {error}"
    print(f"get_final_response: {told}")
assert last.type == "response.incomplete" and last.response.output_text == "Hello", last
assert told.startswith("RuntimeError: Didn't receive a `response.completed` event"), told
PYTHON
"$folder/venv/bin/python" "$folder/run.py"
