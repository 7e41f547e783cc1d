# Thin: every target uses one virtual environment, made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench package rehearse
run: $(VENV)/run
	$(BIN)/python sample/run.py

test: $(VENV)/ready
	$(BIN)/python -m pytest

check: $(VENV)/ready
	$(BIN)/ruff check .
	cd sentinel && ../$(BIN)/mypy --config-file ../pyproject.toml
	cd sentinel && ../$(BIN)/lint-imports --config ../pyproject.toml
	$(BIN)/python -m pytest -n 0 tests/test_docs.py

bench: $(VENV)/ready
	$(BIN)/python -m bench

package: $(VENV)/ready
	./deploy.sh package

rehearse: $(VENV)/ready
	$(BIN)/python infra/rehearse.py $(SCENARIOS)

$(VENV)/run: sentinel/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r sentinel/requirements.txt $(shell grep '^boto3==' requirements-dev.txt)
	touch $@

$(VENV)/ready: $(VENV)/run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
