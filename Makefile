# make setup | run | test | check | format | messages | bench | endurance | lock
.DEFAULT_GOAL := help
PYTHON ?= python3
PYTEST_ARGS ?=
BIN := .venv/bin
SOURCES := bot handlers storage config
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: help setup run test check format messages bench endurance lock

help:  ## Says what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt | $(BIN)/python
	$(PIP) -r requirements/run.txt
	$(BIN)/python -m compileall -q $(SOURCES)
	@touch $@

.venv/dev.stamp: requirements/dev.txt requirements/run.txt | $(BIN)/python
	$(PIP) -r requirements/dev.txt
	@touch .venv/run.stamp $@

setup: .venv/dev.stamp  ## Installs what it takes to work on Opsbook, into .venv

run: .venv/run.stamp  ## Opens the demo company in the web chat
	$(BIN)/python -m bot demo

test: .venv/dev.stamp  ## Runs the tests
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --timeout=60 $(PYTEST_ARGS)

check: .venv/dev.stamp  ## Lint, types, layers, translations, forbidden strings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(SOURCES) tests
	$(BIN)/lint-imports
	$(BIN)/python -m tests.checks.translations
	$(BIN)/python -m tests.checks.forbidden

format: .venv/dev.stamp  ## Puts the code into its one form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

messages: .venv/dev.stamp  ## Brings the catalogues up to date with the sentences in the code
	$(BIN)/pybabel -q extract -F locales/babel.cfg --no-default-keywords -k t:1 -k tn:1,2 --no-wrap \
		--sort-by-file --add-location=file --project=Opsbook --copyright-holder="The Opsbook authors" -o locales/opsbook.pot $(SOURCES)
	for language in zh en; do \
		$(BIN)/pybabel -q update -i locales/opsbook.pot -d locales -D opsbook -l $$language --init-missing \
			--no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done

bench: .venv/dev.stamp  ## Measures speed, in ratios within one run
	$(BIN)/python -m tests.bench

endurance: .venv/dev.stamp  ## The long runs and the crashes, in full
	OPSBOOK_ENDURANCE=full $(BIN)/python -m pytest -m endurance $(PYTEST_ARGS)

# Hashes must be the public ones: local wheel folders and extra indexes are left out.
UV := env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL $(BIN)/uv pip compile --no-config --quiet \
	--universal --generate-hashes --no-emit-index-url --no-emit-find-links --system-certs \
	--python-version 3.11 --custom-compile-command "make lock"

lock: | $(BIN)/python  ## Writes requirements/*.txt anew; UPGRADE=1 takes newer versions
	$(BIN)/python -m pip --disable-pip-version-check install --quiet -c requirements/dev.txt uv
	$(UV) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/run.txt
	$(UV) $(if $(UPGRADE),--upgrade) --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
