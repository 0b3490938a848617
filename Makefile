# One command for each thing a person wants to do here; `make help` lists them. Everything runs from .venv, which is
# made from the hashed lock on first use and again whenever the lock changes.

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(if $(shell $(p) -c 'import sys; print(1 if sys.version_info >= (3, 11) else "")' 2>/dev/null),$(p))) python3)
WORKERS ?= 4
BASKETS ?= 2000
SEED ?=
SEEDS ?= 200
FIRST_SEED ?= 1
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help demo up test check bench replay chaos simulate crosscheck
MAKEFLAGS += --no-print-directory

help:  ## This list
	@echo "FastCart needs Python 3.11 or newer, nothing else. (PYTHON=/path/to/python chooses one.)"
	@echo
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1 \t\2/p' Makefile | expand -t 20

demo: .venv/.ready  ## Play real purchases through the public API and check the books
	@$(BIN)/fastcart demo $(ARGS)

up: .venv/.ready  ## Run the whole stack until Ctrl-C; its data stays in .fastcart/
	@$(BIN)/fastcart up $(ARGS)

test: .venv/.ready  ## All tests, on real servers (WORKERS=4, ARGS="-k refunds")
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: .venv/.ready  ## Lint, format, types, import contracts, house rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/architecture

bench: .venv/.ready  ## Measure checkouts beside the ceiling of the same PostgreSQL, and calls to vendors
	@$(BIN)/fastcart bench $(ARGS)

replay: .venv/.ready .venv/.replay-ready  ## Play real shopping baskets and check every cent (BASKETS=2000)
	@$(BIN)/fastcart replay --baskets $(BASKETS) $(ARGS)

chaos: .venv/.ready  ## Kill everything in turn under load, then check the books (SEED=1)
	@$(BIN)/fastcart chaos --seed $(or $(SEED),1) $(ARGS)

simulate: .venv/.ready  ## Seeds of simulated shopping under faults (SEEDS=200 FIRST_SEED=1, or SEED=123 to replay)
	@$(BIN)/fastcart simulate $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first-seed $(FIRST_SEED)) $(ARGS)

crosscheck: .venv/.ready .crosscheck/.ready  ## Our Stripe contract at a fake of Stripe that others wrote
	@$(BIN)/python -m tests.crosscheck.run

.venv/.ready: requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "No '$(PYTHON)' here: install Python 3.11 or newer, or say PYTHON=/path/to/python." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "FastCart needs Python 3.11 or newer, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1). Say PYTHON=/path/to/a/newer/python." >&2; exit 1; }
	@echo "Installing the packages of requirements.lock, hashes checked, into .venv. The first time downloads them all."
	@"$(PYTHON)" -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.replay-ready: requirements-replay.lock .venv/.ready
	@echo "Installing the basket data and what reads it (pandas, pyarrow), hashes checked; only the replay needs them."
	@$(PIP) install --require-hashes -r requirements-replay.lock
	@touch $@

.crosscheck/.ready: requirements-crosscheck.lock
	@echo "Installing localstripe, hashes checked, into .crosscheck: an environment of its own, for the cross-check only."
	@"$(PYTHON)" -m venv --clear .crosscheck
	@.crosscheck/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements-crosscheck.lock
	@touch $@
