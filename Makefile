# The commands a newcomer needs. Everything is installed into this checkout: .venv and reports/node_modules.
SHELL := /bin/sh
PYTHON ?= python3
SOURCES ?= demo
SIZE ?=
WHAT ?= runs
QUERY ?= stock_by_month
BIN := .venv/bin
LINTED := extractors orchestration publication quality simulator tests
LOCK_OPTIONS := --universal --generate-hashes --no-emit-index-url --no-header --quiet
NPM_STAMP := reports/node_modules/.package-lock.json

export DAGSTER_DISABLE_TELEMETRY := yes
export SEND_ANONYMOUS_USAGE_STATS := no

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: install ## install, run the daily job, publish, build the report (SOURCES=demo|live|files SIZE=ci|demo|full)
	@$(BIN)/nova run --sources $(SOURCES) $(if $(SIZE),--size $(SIZE))

.PHONY: test
test: install-dev lint ## lint, type check, dbt parse, pytest (with dbt build on the ci size)
	@$(BIN)/nova parse
	@$(BIN)/pytest

.PHONY: ui
ui: install ## open Dagster on http://127.0.0.1:3000
	@$(BIN)/nova ui --sources $(SOURCES) $(if $(SIZE),--size $(SIZE))

.PHONY: report
report: install ## serve the report on http://127.0.0.1:8080
	@$(BIN)/nova serve

.PHONY: metrics
metrics: install ## ask published gold a saved query of metrics (QUERY=stock_by_month|…)
	@$(BIN)/nova metrics $(QUERY)

.PHONY: bench
bench: install ## time daily runs, large feeds, a rebuild or the report (WHAT=runs|feeds|warehouse|report SIZE=ci|demo|full)
	@$(BIN)/nova bench $(WHAT) $(if $(SIZE),--size $(SIZE))

.PHONY: image
image: install-dev ## execute every step of the Dockerfile without Docker, and measure the image
	@IMAGE=1 $(BIN)/pytest -n0 -s tests/python/contract/test_production_shape.py

.PHONY: value
value: install ## replay policies on generated companies: what each would have done (SIZE=ci|demo|full STRESS=1)
	@$(BIN)/nova value $(if $(SIZE),--size $(SIZE)) $(if $(STRESS),--stress)

.PHONY: chaos
chaos: install-dev ## kill the daily job at random moments, in a row too: the next run must succeed, gold be whole (KILLS=50 SEED=…)
	@$(BIN)/python tests/python/chaos.py $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

.PHONY: docs
docs: install-dev ## write the data dictionary and dbt's documentation
	@$(BIN)/nova dictionary

.PHONY: lint
lint: install-dev ## ruff, mypy, sqlfluff, yamllint
	@$(BIN)/ruff check $(LINTED)
	@$(BIN)/ruff format --check $(LINTED)
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests/dbt macros seeds
	@$(BIN)/yamllint --strict .
	@$(BIN)/mypy

# The development lock comes first: what it needs constrains the platform, so that both are one environment.
.PHONY: lock
lock: $(BIN)/uv ## resolve the dependencies of pyproject.toml again
	@$(BIN)/uv pip compile pyproject.toml --extra dev $(LOCK_OPTIONS) -o requirements-dev.lock
	@$(BIN)/uv pip compile pyproject.toml --constraint requirements-dev.lock $(LOCK_OPTIONS) -o requirements.lock

# Installation ------------------------------------------------------------------------------------------------------
# Stamps name what was installed; they are made only after the installation succeeded.

.PHONY: install install-dev
install: .venv/.installed $(NPM_STAMP)
install-dev: .venv/.installed-dev $(NPM_STAMP)

$(BIN)/uv: requirements-bootstrap.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bootstrap.lock
	@touch $@

.venv/.installed: $(BIN)/uv requirements.lock pyproject.toml
	@echo "Installing the platform into .venv …"
	@$(BIN)/uv pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "Installing the development tools into .venv …"
	@$(BIN)/uv pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

$(NPM_STAMP): reports/package-lock.json
	@echo "Installing the report builder into reports/node_modules (a minute or two) …"
	@cd reports && npm install --silent --no-audit --no-fund
	@touch $@
