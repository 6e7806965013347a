# Heed. `make demo` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup setup-dev demo test check unit slow package gallery bench bench-smoke reliability judge clean

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

# Stories by the thousand run without coverage, which would take three times as long and see nothing new.
# Promises of seconds, kept by real processes: on a machine that others share, a late one gets a second chance.
unit: setup-dev ## all tests but the slow ones, with branch coverage; those that watch the clock run alone
	@rm -f build/figures.json
	HEED_FIGURES=build/figures.json $(BIN)/pytest -n auto -m "not slow" tests/simulation
	HEED_FIGURES=build/figures.json $(BIN)/pytest -n auto --dist loadfile -m "not slow and not alone" --cov --cov-branch --cov-report= --cov-fail-under=0 --ignore=tests/simulation tests
	HEED_FIGURES=build/figures.json $(BIN)/pytest -m "alone and not slow" --reruns 2 --cov --cov-branch --cov-append --cov-report=term:skip-covered tests
	$(BIN)/python -m tests.reliability --check

reliability: unit ## docs/reliability.md from the run just made
	$(BIN)/python -m tests.reliability

slow: setup-dev ## the long versions; what they counted is kept in tests/reliability/slow.json
	@rm -f build/slow.json
	HEED_FIGURES=build/slow.json $(BIN)/pytest -m slow tests
	$(BIN)/python -m tests.reliability --keep-slow

package: setup ## the template and the zip that are deployed
	$(BIN)/heed package --stage dev

judge: setup-dev package ## what checkov says of the template that is deployed
	$(BIN)/uv tool run --quiet --from checkov==3.3.30 checkov --config-file infra/rules/checkov.yaml -f build/package/sam.yaml

gallery: setup-dev ## every card, line and window of Slack as a picture, in build/gallery
	$(BIN)/python -m infra.gallery

bench: setup-dev ## what it costs in CPU, calls and dollars, beside its floors; under ten minutes where nothing else runs
	$(BIN)/python -m bench --docs
	$(BIN)/python -m bench.scale --docs

bench-smoke: setup-dev ## every benchmark once, judging nothing
	$(BIN)/python -m bench --smoke

clean:
	rm -rf build .venv .mypy_cache .ruff_cache .hypothesis .coverage*
