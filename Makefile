# Two commands: `make run` starts the show, `make test` proves it. Both set up what they need and may be run again.
# Options for the show:  make run ARGS="--audio demo --look silhouette"

SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
STAMPS := .stamps
ARGS ?=
PYTEST_ARGS ?=

.PHONY: run test test-train lint viewer format clean help

help:
	@echo "make run     set up and start the show     (ARGS=\"--audio demo\")"
	@echo "make test    set up and run the tests      (PYTEST_ARGS=\"-k beat\")"
	@echo "make test-train  the tests that need torch (a download of gigabytes)"
	@echo "make lint    style, types, import rules, generated files"
	@echo "make viewer  build and test the browser viewer (needs node 20 or newer)"

run: $(STAMPS)/run
	$(VENV)/bin/livedance run $(ARGS)

test: $(STAMPS)/test
	$(PY) -m pytest -n auto tests/unit tests/contract $(PYTEST_ARGS)
	$(PY) -m pytest tests/integration tests/browser $(PYTEST_ARGS)

test-train: $(STAMPS)/train
	$(PY) -m pytest tests/train $(PYTEST_ARGS)

lint: $(STAMPS)/test
	$(VENV)/bin/ruff format --check livedance tests
	$(VENV)/bin/ruff check livedance tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m livedance.broadcast.typescript --check
	$(VENV)/bin/livedance osc schema --markdown | diff - docs/osc.md

format: $(STAMPS)/test
	$(VENV)/bin/ruff format livedance tests
	$(VENV)/bin/ruff check --fix livedance tests

viewer:
	bash scripts/viewer.sh

$(PY): scripts/make_venv.sh
	bash scripts/make_venv.sh $(VENV)

$(STAMPS)/run: $(PY) pyproject.toml scripts/system_packages.sh
	@mkdir -p $(STAMPS)
	bash scripts/system_packages.sh run
	bash scripts/install.sh $(PY) run
	@touch $@

$(STAMPS)/test: $(STAMPS)/run pyproject.toml scripts/system_packages.sh
	bash scripts/system_packages.sh test
	bash scripts/install.sh $(PY) test
	@touch $@

$(STAMPS)/train: $(STAMPS)/test pyproject.toml
	bash scripts/install.sh $(PY) train
	@touch $@

clean:
	rm -rf $(VENV) $(STAMPS) dist build .pytest_cache .mypy_cache .ruff_cache
