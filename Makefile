# Everything a newcomer and a developer types. `make help` lists it.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# Bytecode is wanted: without it TensorFlow takes three times as long to import.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/python -m pytest
# Three at a time, file by file; tests that fill the machine or watch its processes have it alone.
ALONE := tests/sandbox tests/host
PARALLEL := -n 3 --dist loadfile $(ALONE:%=--ignore %)

.DEFAULT_GOAL := help
.PHONY: help setup web types run lint test check soak bench docs clean format screenshots

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
	STUDIO_SKIP_WEB=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --inexact --compile-bytecode
	$(BIN)/python -m compileall -q studio components
	@touch $@

web: setup ## Build the interface, when something in web/ has changed
	@$(BIN)/python build_web.py has-node || \
		STUDIO_SKIP_WEB=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv sync --frozen --inexact --group web
	@$(BIN)/python build_web.py

types: setup ## Write what the interface knows of the server: its OpenAPI document and types
	$(BIN)/python -m studio.server.describe > web/openapi.json
	$(BIN)/python build_web.py run types

run: web ## Start the studio, run the DeepFM pipeline, and serve until Ctrl-C
	@$(BIN)/studio serve --run pipelines/deepfm.json

lint: web ## Style, layers and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python build_web.py run lint
	$(BIN)/python build_web.py run check-types

check: lint ## Lint and the quick tests: about 3 minutes
	$(BIN)/python build_web.py run test
	$(PYTEST) $(PARALLEL) -m "not slow and not soak"
	$(PYTEST) -m "not slow and not soak" $(ALONE)

test: lint ## Every check and test but the soak: under 25 minutes on 2 cores
	$(BIN)/python build_web.py run test
	$(PYTEST) $(PARALLEL) -m "not soak"
	$(PYTEST) -m "not soak" $(ALONE)

soak: setup ## The long tests
	$(PYTEST) -m soak --timeout 3600

bench: setup ## Measure what README and docs state: some minutes
	$(BIN)/python -m benchmarks

docs: setup ## Write a page for every component from its docstring
	$(BIN)/python docs/make_component_pages.py

screenshots: web ## Render every screen of the canvas into docs/images/
	$(BIN)/python -m docs.make_screenshots

format: setup ## Format and mend what a tool can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment, caches and the data folder of this checkout
	rm -rf $(VENV) .studio dist studio/_web web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
