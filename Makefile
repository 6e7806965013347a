# Heed. `make demo` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup setup-dev demo test check unit slow package gallery clean

setup: .venv/ready-demo ## an environment with .venv/bin/heed in it

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Heed needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip --quiet install --disable-pip-version-check uv

.venv/ready-demo: .venv/bin/uv pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[demo]'
	@touch $@

setup-dev: .venv/ready-dev ## and what the tests need

.venv/ready-dev: .venv/ready-demo pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[demo,dev]'
	@touch $@

demo: setup ## a running Heed on 127.0.0.1, no AWS account
	$(BIN)/heed demo

test: setup-dev check unit ## everything CI runs

check: setup-dev ## lint and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: setup-dev ## all tests but the slow ones, with branch coverage
	$(BIN)/pytest -n auto --dist loadfile -m "not slow" --cov --cov-branch --cov-report=term:skip-covered tests

slow: setup-dev ## the long versions
	$(BIN)/pytest -m slow tests

package: setup ## the template and the zip that are deployed
	$(BIN)/heed package --stage dev

clean:
	rm -rf build .venv .mypy_cache .ruff_cache .hypothesis .coverage*
