# `make demo` and `make test` set up what they need by themselves, in .venv.
PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
CHECKS := .venv-checks
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Many tests wait for processes that they start: two at a time keep two cores busy (tests/conftest.py says which).
SIDE_BY_SIDE := --numprocesses 2 --dist loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-images check format bench bench-serving infra-check infra-expected infra-schema infra-scan clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

demo: $(VENV)/demo ## run the whole loop on shipped data
	$(BIN)/headrace demo

test: $(VENV)/test ## the tests that take minutes at most
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

test-all: $(VENV)/test ## every test, the slow ones too
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-images: $(VENV)/test ## build every image on a bare Debian and start it; needs root, buildah and debootstrap
	@$(BIN)/python -c "import sys; from tests.images.buildah import missing; sys.exit(missing() or 0)"
	$(BIN)/python -m pytest --capture=no tests/images

check: $(VENV)/test ## format, lint, types, who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint --config infra/images/hadolint.yaml infra/images/*.Dockerfile
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive infra; fi

format: $(VENV)/test ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/test ## measure the loop's overheads, training against plain loops, the drift check, batches and the studio
	$(BIN)/python -m tests.bench
	for each in tabular bucketing decoding cyclegan drift batch studio; do $(BIN)/python -m tests.bench.$$each || exit 1; done

bench-serving: $(VENV)/test $(PEERS)/installed ## measure the inference service beside its peers, in one run
	$(BIN)/python -m tests.bench.serving --peers $(PEERS)/bin/python

infra-check: $(VENV)/infra ## Terraform's files: format, the providers' schemas, terraform's own opinion and tests
	terraform fmt -check -recursive infra
	$(BIN)/python -m tests.infra.schema.check infra
	$(BIN)/python -m tests.infra

infra-expected: $(VENV)/infra ## write anew what each environment is expected to hold
	$(BIN)/python -m tests.infra.expected

infra-schema: $(VENV)/infra ## derive the providers' schemas anew; needs npm
	rm -rf build/packages && mkdir -p build/packages
	for each in google@16.12.1 google-beta@16.12.1 time@11.0.1 random@12.0.1; do \
	  (cd build/packages && npm pack --silent @cdktf/provider-$$each && tar xzf *.tgz && rm *.tgz) && \
	  $(BIN)/python -m tests.infra.schema.derive build/packages/package && rm -rf build/packages/package || exit 1; \
	done

infra-scan: $(CHECKS)/checkov ## checkov's policies on Terraform's files; infra/.checkov.yaml has the exceptions
	$(CHECKS)/bin/checkov --config-file infra/.checkov.yaml

clean: ## remove the environment and the local stack's state
	rm -rf $(VENV) $(PEERS) $(CHECKS) .headrace

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) …"
	$(PIP) --editable ".[demo]"
	@touch $@

$(VENV)/test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) …"
	$(PIP) --editable ".[test]"
	@touch $@ $(VENV)/demo $(VENV)/infra

$(VENV)/infra: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing into $(VENV) …"
	$(PIP) --editable ".[infra]"
	@touch $@

$(CHECKS)/checkov:
	$(PYTHON) -m venv $(CHECKS)
	@echo "installing into $(CHECKS) …"
	$(CHECKS)/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30
	@touch $@

$(PEERS)/installed: $(wildcard tests/bench/serving/apps/*.txt)
	$(PYTHON) -m venv $(PEERS)
	@echo "installing into $(PEERS) …"
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/bench/serving/apps/requirements.txt
	# These two want older libraries than the others, and other ones than each other.
	for each in mlserver kserve; do $(PYTHON) -m venv $(PEERS)/$$each && $(PEERS)/$$each/bin/python -m pip install --quiet \
	  --disable-pip-version-check --requirement tests/bench/serving/apps/$$each.txt || exit 1; done
	@touch $@
