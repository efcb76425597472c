# Two commands: `make demo` and `make test`. Both set the environment up first.
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint types pytest setup tables clean

demo: setup
	$(BIN)/cac suggest data/examples/clinic_note.txt

test: setup lint types pytest

lint: setup
	$(BIN)/ruff check cac tests benchmarks data
	$(BIN)/ruff format --check cac tests benchmarks data

types: setup
	$(BIN)/mypy

pytest: setup
	$(BIN)/pytest -n 2

# Rebuilds the packaged code tables from the public source packages (see cac/codes/build.py).
tables: setup
	$(BIN)/python -m cac.codes.build

setup: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(STAMP)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
