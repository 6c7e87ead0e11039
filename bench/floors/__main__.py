"""Serve one floor: `python -m bench.floors NAME PORT`, with FLOOR_DATABASE_URL."""

import os
import sys
from importlib import import_module

import uvicorn

url = os.environ["FLOOR_DATABASE_URL"]  # noqa: TID251 - a main module
app = import_module(f"bench.floors.{sys.argv[1]}").make(url)
uvicorn.run(
    app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False
)
