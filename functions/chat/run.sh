#!/bin/sh
# What the Lambda Web Adapter starts: the same app, served so that answers stream.
exec env PYTHONPATH="/var/task:/opt/python:${PYTHONPATH:-}" \
  python3 -m uvicorn functions.chat.server:app --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" \
  --no-access-log --no-proxy-headers --lifespan off --ws none
