# Everything a newcomer and a developer types. `make help` lists it.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# Bytecode is wanted: without it TensorFlow takes three times as long to import.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup run lint test check soak bench clean format

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.done ## Make the environment from the lock file

$(VENV)/.done: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments: install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --inexact --compile-bytecode
	$(BIN)/python -m compileall -q studio components
	@touch $@

run: setup ## Start the studio, run the DeepFM pipeline, and serve until Ctrl-C
	@$(BIN)/studio serve --run pipelines/deepfm.json

lint: setup ## Style, layers and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint ## Lint and the quick tests: about 3 minutes
	$(PYTEST) -m "not slow and not soak"

test: lint ## Every check and test but the soak: under 25 minutes on 2 cores
	$(PYTEST) -m "not soak"

soak: setup ## The long tests
	$(PYTEST) -m soak --timeout 3600

bench: setup ## Measure what README states
	$(BIN)/python -m benchmarks.start

format: setup ## Format and mend what a tool can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment, caches and the data folder of this checkout
	rm -rf $(VENV) .studio dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
