# `make` prints this help. Everything runs in .venv, made from the lock file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: help setup demo test test-services check lint types contracts migrations \
	format lock bench redaction-report ledger-report sources-page screenshots browser

help:  ## say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP)  ## make .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=python3.x"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "no venv: install it (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "installing from requirements.lock (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q cli bot lab orchestrator gateway storage policy \
	  audit wire runner >/dev/null || true
	@touch $(STAMP)

demo: $(STAMP)  ## start everything here and break the lab's platform
	@$(BIN)/autopilot demo $(ARGS)

browser:  ## install a Chromium for the browser tests, where apt can
	@command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && apt-get install -y -qq chromium >/dev/null 2>&1; } \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && apt-get update -qq && apt-get install -y -qq chromium >/dev/null 2>&1; } \
	  || echo "no Chromium: the browser tests are skipped; install chromium to run them"

test: $(STAMP) browser  ## the whole suite against real Postgres and Valkey
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not services" $(ARGS)

test-services: $(STAMP) browser  ## slow and exotic parts: kills, demos, real servers
	@$(BIN)/python -m pytest -m services -rs --durations=25 $(ARGS)

check: $(STAMP) lint types contracts test migrations  ## what CI asks for

lint:
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .

types:
	@$(BIN)/mypy

contracts:
	@$(BIN)/lint-imports >/tmp/contracts.$$$$ 2>&1 \
	  && rm -f /tmp/contracts.$$$$ || { cat /tmp/contracts.$$$$; exit 1; }

migrations:
	@$(BIN)/python -m pytest -q tests/storage/test_migrations.py

format:  ## format and mend what can be mended
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock:  ## make requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --all-extras pyproject.toml -o requirements.lock

bench: $(STAMP)  ## product beside its floor, in one run
	@$(BIN)/python -m bench $(ARGS)

redteam: $(STAMP)  ## a compromised model: every goal in every carrier, and STRINGS=FILE
	@$(BIN)/python -m pytest -q -s tests/redteam -k nothing_is_reached_at_all --strings "$(STRINGS)"

redaction-report: $(STAMP)  ## what redaction finds and destroys, into docs/redaction.md
	@$(BIN)/python -m bench.redaction_report

ledger-report: $(STAMP)  ## the ledger measured, into docs/ledger-report.md
	@$(BIN)/python -m bench.ledger_report

sources-page: $(STAMP)  ## what each alert source reads, counted, into docs/sources.md
	@$(BIN)/python -m cli.sources_page

screenshots: $(STAMP) browser  ## pictures of thread and modal into docs/
	@$(BIN)/python -m cli.screenshots docs
