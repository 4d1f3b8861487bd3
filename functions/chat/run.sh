#!/bin/sh
# What the Lambda Web Adapter starts: the same app, served so that answers stream. With a threshold that is given, glibc
# hands large buffers back as soon as they are freed; its own grows to 32 MB with what was freed once.
exec env PYTHONPATH="/var/task:/opt/python:${PYTHONPATH:-}" MALLOC_MMAP_THRESHOLD_=131072 \
  python3 -m uvicorn functions.chat.server:app --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" \
  --no-access-log --no-proxy-headers --lifespan off --ws none
