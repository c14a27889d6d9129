# Everything a newcomer or CI runs. `make` alone prints what there is.
# Needs make and Python 3.11 or later; all else is installed into .venv from the hashed locks in requirements/.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8000
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev

PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input
PYTEST := $(PY) -m pytest
PARALLEL := -n auto --maxprocesses 8 --dist worksteal
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url pyproject.toml

.PHONY: help demo test fmt lint types laws no-leak golden contract conformance openapi docs bench check cover lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## serve the gateway with the demonstration people (PORT=8000)
	@$(BIN)/phb-gateway demo --port $(PORT)

test: $(DEV) ## run every test, on SQLite and on PostgreSQL (ARGS="-k sentence")
	@$(PYTEST) -q $(PARALLEL) $(ARGS)

fmt: $(DEV) ## lay the code out and mend what can be mended
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix --exit-zero .

lint: $(DEV) ## judge layout and style
	@$(BIN)/ruff format --quiet --diff .
	@$(BIN)/ruff check --quiet .

types: $(DEV) ## check the types, strictly
	@$(BIN)/mypy --no-error-summary

laws: $(DEV) ## prove the laws, and that taking any one lens away is noticed
	@$(PYTEST) -q $(PARALLEL) -m "mutation or not mutation" tests/laws $(ARGS)

no-leak: $(DEV) ## prove that nothing leaks, over the whole cross, and that each predicate taken away is noticed
	@$(PYTEST) -q $(PARALLEL) -m "full or mutation" tests/laws/no_leak $(ARGS)

golden: $(DEV) ## rewrite the FHIR side of the golden pairs and docs/journey; review the diff
	@$(PYTEST) -q --rewrite-golden tests/mappings/test_golden.py tests/journeys/test_june.py $(ARGS)

contract: $(DEV) ## let Schemathesis work the committed openapi.json against the app
	@$(PYTEST) -q tests/test_contract.py $(ARGS)

conformance: $(DEV) ## run the tests that cite a sentence of a standard
	@$(PYTEST) -q $(PARALLEL) -m requirement $(ARGS)

openapi: $(RUNTIME) ## rewrite openapi/openapi.json; review the diff
	@$(BIN)/phb-gateway openapi > openapi/openapi.json.new && mv openapi/openapi.json.new openapi/openapi.json

docs: $(RUNTIME) ## rewrite docs/mapping and docs/rules.md; review the diff
	@$(PY) -m mappings.table docs/mapping
	@$(PY) -m fhir_gateway.rule_table

bench: $(DEV) ## measure against the bare parts and write bench/results.md
	@$(PY) -m bench $(ARGS)

check: lint types test ## what CI runs: lint, types, test

cover: $(DEV) ## run the tests with branch coverage and hold its floors
	@$(PYTEST) -q $(PARALLEL) --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report
	@$(BIN)/coverage report --fail-under=100 \
		--include='mappings/*,fhir_gateway/phb/*,fhir_gateway/access/*,auth/scopes.py'

lock: $(DEV) ## take the newest releases into requirements/*.txt
	@$(COMPILE) --extra build --output-file requirements/runtime.txt
	@$(COMPILE) --extra build --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt

clean: ## remove what make and the tests made; the code and the lock stay
	@rm -rf $(VENV) .demo .coverage .coverage.* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first interpreter that is new enough and can make a virtual environment; a name on the path may be a
# launcher for a version that is not there, so each is run.
$(PY):
	@for name in python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "creating $(VENV) with $$("$$name" --version)"; \
			exec "$$name" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or later, with its venv module, is needed and none of python3.13, python3.12, python3.11," >&2; \
	echo "python3.14, python3 or python on the path is one. (Debian and Ubuntu: install python3 and python3-venv.)" >&2; \
	exit 1

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(PY)
	@echo "installing what the gateway runs on"
	@$(PIP) --require-hashes --requirement requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# The dev lock holds the runtime lock, so that `make demo` after `make test` has nothing left to install.
$(DEV): requirements/dev.txt requirements/runtime.txt pyproject.toml | $(PY)
	@echo "installing what the tests need"
	@$(PIP) --require-hashes --requirement requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(RUNTIME) $@
