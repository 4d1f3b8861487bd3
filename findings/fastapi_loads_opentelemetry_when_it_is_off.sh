#!/usr/bin/env bash
# Guess: an app that FastAPI makes with its telemetry switched off loads nothing of OpenTelemetry, so that a cold start on
# Lambda does not pay for it.
# fastapi==0.165.0, starlette==1.10.0, opentelemetry-api==1.45.2, pydantic==2.14.3
# Behaviour: FastAPI requires `opentelemetry-api` and imports its traces, metrics, logs and propagation with itself,
# whatever `telemetry=` says; `tracing=False, metrics=False, logs=False` keeps spans and counters from being made, and
# nothing from being loaded: 30 modules, 3 to 5 % of the import of `fastapi` (-X importtime). A function that wants its
# start back has to serve its hot routes without FastAPI, and to load it behind them.
# Seen: "30 modules with everything off, opentelemetry.trace, .metrics and ._logs among them"
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  fastapi==0.165.0 starlette==1.10.0 opentelemetry-api==1.45.2 pydantic==2.14.3

cat > "$folder/off.py" <<'PYTHON'
import sys

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

FastAPI(telemetry=TelemetryConfig(tracing=False, metrics=False, logs=False))
theirs = {name for name in sys.modules if name.split(".")[0] == "opentelemetry"}
among = {"opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs"} <= theirs
print(f"{len(theirs)} modules with everything off, opentelemetry.trace, .metrics and ._logs {'' if among else 'not '}among them")
PYTHON

seen="$("$folder/venv/bin/python" "$folder/off.py")"
echo "$seen"
[ "$seen" = "30 modules with everything off, opentelemetry.trace, .metrics and ._logs among them" ]
