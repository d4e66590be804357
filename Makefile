# `make demo` and `make test` set up what they need by themselves, in .venv.
PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Many tests wait for processes that they start: two at a time keep two cores busy (tests/conftest.py says which).
SIDE_BY_SIDE := --numprocesses 2 --dist loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check format bench bench-serving clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

demo: $(VENV)/demo ## run the whole loop on shipped data
	$(BIN)/headrace demo

test: $(VENV)/test ## the tests that take minutes at most
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

test-all: $(VENV)/test ## every test, the slow ones too
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: $(VENV)/test ## format, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive infra; fi

format: $(VENV)/test ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/test ## measure the loop's overheads, and training against plain loops
	$(BIN)/python -m tests.bench
	for each in tabular bucketing decoding cyclegan; do $(BIN)/python -m tests.bench.$$each || exit 1; done

bench-serving: $(VENV)/test $(PEERS)/installed ## measure the inference service beside its peers, in one run
	$(BIN)/python -m tests.bench.serving --peers $(PEERS)/bin/python

clean: ## remove the environment and the local stack's state
	rm -rf $(VENV) $(PEERS) .headrace

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) …"
	$(PIP) --editable ".[demo]"
	@touch $@

$(VENV)/test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) …"
	$(PIP) --editable ".[test]"
	@touch $@ $(VENV)/demo

$(PEERS)/installed: tests/bench/serving/apps/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	@echo "installing into $(PEERS) …"
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
