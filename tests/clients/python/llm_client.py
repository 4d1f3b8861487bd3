"""simonw/llm, unmodified: its command line, `llm openai endpoint`, with DOOR=responses its flag for that API."""

import json
import subprocess

from report import ASKED, BASE_URL, DOOR, HELLO, MODEL, PERSON, SERVICE_KEY, report

FUNCTION = "def get_weather(city: str) -> str:\n    'The weather in a city'\n    return f'21 degrees in {city}'"


def said(prompt: str, *more: str) -> str:
    chosen = ["--responses"] if DOOR == "responses" else []
    command = ["llm", "openai", "endpoint", BASE_URL, prompt, "-m", MODEL, "--key", SERVICE_KEY, *chosen, *more]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


report(
    chat=lambda: {"text": said(HELLO, "--no-stream")},
    stream=lambda: {"text": said(HELLO)},
    tools=lambda: {"text": said(ASKED, "--functions", FUNCTION)},
    structured=lambda: {"parsed": json.loads(said(PERSON, "--schema", "name, age int"))},
)
