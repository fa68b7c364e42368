# The verbs of the house. `make` alone lists them; ARGS reaches the command behind `run`, `test` and `soak`.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
# Compiled is what is first run, not all that is installed: that would take as long as the installing itself.
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --no-compile
# Every worker, and every process that tests start, reads what the first one compiled.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
ARGS ?=

.DELETE_ON_ERROR:
.PHONY: help setup setup-dev run network test check lint bench bench-sync chaos soak services services-stop lock clean

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

setup: $(BIN)/giao ## make .venv with what Giao runs on, and .venv/bin/giao in it
	@:

run: setup ## set up, migrate, load the demonstration into a new exchange, and serve it
	@$(BIN)/giao run $(ARGS)

network: setup ## one national and three local exchanges on this machine, enrolled and in step
	@$(BIN)/python -m scripts.network $(ARGS)

test: setup-dev ## run the tests, on the embedded back ends and on the services that run
	@$(PYTEST) -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not soak" $(ARGS)

check: lint test ## everything that must hold before a change is taken: lint, then test

lint: setup-dev ## format, style, types, who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy --package scripts
	@$(BIN)/lint-imports

bench: setup-dev ## measure, as ratios in one run; what docs/benchmarks.md records
	@$(BIN)/python -m bench $(ARGS)

bench-sync: setup-dev ## measure two exchanges in step beside their floors; ARGS="load --listings 100000", ARGS="--help"
	@$(BIN)/python -m bench.bench_sync $(ARGS)

chaos: setup-dev ## fail the network and kill exchanges at random, then check every acknowledged write
	@$(BIN)/python -m scripts.chaos $(if $(SEED),--seed $(SEED)) --seconds $(or $(SECONDS),60) $(ARGS)

soak: setup-dev ## the long runs that `test` leaves out, and generated examples in full number
	@$(PYTEST) -m "soak or hypothesis" --hypothesis-profile thorough $(ARGS)

services: ## start PostgreSQL, Redis and Elasticsearch for tests, and write .services/env
	@$(PYTHON) -m scripts.services start

services-stop: ## stop them and forget their data
	@$(PYTHON) -m scripts.services stop

lock: setup ## pin the newest allowed dependencies with their hashes
	@test -x $(BIN)/uv || $(PIP) uv
	@for set in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate \
	    --python-version 3.11 --output-file $$set.txt $$set.in || exit 1; \
	done

clean: ## remove .venv and all caches; data in var/ stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.services/*' -prune -exec rm -rf {} +

# -- what the verbs rest on. A stamp is newer than the list it was made from, so a second run is quick ---------------

setup-dev: .venv/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Giao needs Python 3.11 or later; install it with: apt-get install python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing; install it with: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | $(BIN)/python
	@echo "Installing what Giao runs on"
	@$(PIP) --only-binary :all: --require-hashes -r requirements.txt
	@touch $@

# Built with the pinned setuptools that .venv/.run has brought: nothing is fetched here.
$(BIN)/giao: pyproject.toml .venv/.run
	@$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@# Where Python is told to write no bytecode, what commands load would be compiled by each of them.
	@test -z "$$PYTHONDONTWRITEBYTECODE" || PYTHONDONTWRITEBYTECODE= $(BIN)/python -m scripts.compiled
	@touch $@

.venv/.dev: requirements-dev.txt $(BIN)/giao
	@echo "Installing what tests and checks need beside it"
	@$(PIP) --only-binary :all: --require-hashes -r requirements-dev.txt
	@touch $@
