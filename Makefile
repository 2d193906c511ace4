# OpenKAP: `make run` starts it, `make test` checks all of it, `make help` lists the rest.
# A python3 (3.11 or later) is all that is needed; everything else is installed into .venv and node_modules.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
OPENKAP_HOME ?= $(CURDIR)/.openkap
# How many test processes run at once.
JOBS ?= 2
# What `make test-journeys` and the like hand to pytest besides, such as ARGS="-k sign_in".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
NPM := $(BIN)/python -m tools.npm
PYTEST := $(BIN)/python -m pytest
# Hashes are checked, so it does not matter which index answers: pip knows of mirrors that uv does not.
INSTALL = sh tools/install.sh $(BIN)

.PHONY: help
help: ## list what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  PORT=8000 and OPENKAP_HOME=.openkap say where `make run` serves and keeps its data.'

# ---- set-up ---------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(DONE)/run $(DONE)/web $(DONE)/messages ## install what is needed to run; .venv/bin/openkap is the program

.PHONY: setup-dev
setup-dev: setup $(DONE)/dev ## install what is needed to develop as well

$(DONE)/venv: tools/python_version.py
	@command -v $(PYTHON) >/dev/null || { echo "OpenKAP needs Python 3.11 or later, and there is no '$(PYTHON)' here. Install it, or say where it is: make $(MAKECMDGOALS) PYTHON=..." >&2; exit 1; }
	@$(PYTHON) tools/python_version.py
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@mkdir -p $(DONE) && touch $@

$(DONE)/uv: requirements/bootstrap.lock $(DONE)/venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

$(DONE)/run: requirements/run.lock pyproject.toml tools/install.sh $(DONE)/uv
	@echo "Installing OpenKAP into $(VENV) ..."
	@$(INSTALL) requirements/run.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(DONE)/dev: requirements/dev.lock $(DONE)/run
	@echo "Installing the tools of development ..."
	@$(INSTALL) requirements/dev.lock
	@touch $@

$(DONE)/packages: package.json package-lock.json .npmrc tools/npm.py $(DONE)/run
	@echo "Installing the packages of the pages ..."
	@$(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

WEB_SOURCES = $(shell find src/openkap/web/islands src/openkap/web/styles src/openkap/web/build.mjs -type f 2>/dev/null) \
  $(shell find src/openkap -name '*.html' -o -name '*.py' | xargs grep -lE 'icon' 2>/dev/null)
$(DONE)/web: $(WEB_SOURCES) $(DONE)/packages
	@$(NPM) run --silent build
	@touch $@

$(DONE)/messages: $(shell find src/openkap -name '*.po' 2>/dev/null) tools/messages.py $(DONE)/run
	@$(BIN)/python -m tools.messages compile
	@touch $@

# ---- running --------------------------------------------------------------------------------------------------

.PHONY: run
run: setup ## start OpenKAP with a demonstration clinic (PORT=8000, OPENKAP_HOME=.openkap)
	@OPENKAP_HOME="$(OPENKAP_HOME)" exec $(BIN)/openkap serve --port $(PORT) --demo --leave-with-parent

# ---- checking -------------------------------------------------------------------------------------------------

.PHONY: test
test: ## check everything, as the automatic checks do
	@$(MAKE) -j $(JOBS) setup-dev
	@$(MAKE) -j $(JOBS) check test-web browser
	@$(PYTEST) -n $(JOBS) --dist loadfile $(ARGS)

.PHONY: check check-types check-style
check: check-types check-style ## look for faults without running anything: style, types, layers, migrations

check-types: setup-dev
	@$(BIN)/mypy

check-style: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.migrations
	@$(NPM) run --silent check

.PHONY: format
format: setup-dev ## put the code into the house's format
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

.PHONY: test-web
test-web: setup-dev ## tests of the TypeScript islands
	@$(NPM) run --silent test

KINDS := unit spec generative integration verification docs repository
.PHONY: $(KINDS:%=test-%)
test-unit: ## tests of single functions; test-spec, test-generative, test-verification, test-docs likewise
test-integration: ## tests with a database
test-repository: ## tests of the house rules
$(KINDS:%=test-%): test-%: setup-dev
	@$(PYTEST) -n $(JOBS) --dist loadfile tests/$* $(ARGS)

.PHONY: test-journeys
test-journeys: setup-dev browser ## tests in a browser on the running product
	@$(PYTEST) -n $(JOBS) --dist loadfile tests/journeys $(ARGS)

.PHONY: test-slow
test-slow: setup-dev browser ## the long forms: many more random examples, faults and loads
	@OPENKAP_EXAMPLES=slow $(PYTEST) -n $(JOBS) -m slow $(ARGS)

.PHONY: test-pharmacology-slow
test-pharmacology-slow: setup-dev ## the long comparison of pharmacokinetics with 40 digits
	@$(PYTEST) -n $(JOBS) -m slow tests/generative/core/pharmacology $(ARGS)

.PHONY: fuzz-portal
fuzz-portal: setup-dev ## send odd requests to the patients' pages for an hour or so
	@OPENKAP_EXAMPLES=slow $(PYTEST) -n 0 tests/generative/web/test_portal.py $(ARGS)

.PHONY: browser
browser: setup-dev ## find Chromium, or install it where that can be done
	@$(BIN)/python -m tools.browser

.PHONY: bench
bench: setup-dev ## measure what has to be fast
	@$(BIN)/python -m benchmarks $(ARGS)

# ---- upkeep ---------------------------------------------------------------------------------------------------

.PHONY: docs
docs: setup-dev browser ## make the pictures and generated pages of the documentation anew
	@OPENKAP_WRITE_DOCS=1 $(PYTEST) -n $(JOBS) --dist loadfile tests/docs tests/verification $(ARGS)
	@OPENKAP_PICTURES=docs/pictures $(PYTEST) -n 0 tests/journeys/test_pictures.py $(ARGS)

.PHONY: messages
messages: setup-dev ## collect the texts to be translated, and compile the translations
	@$(BIN)/python -m tools.messages collect
	@$(BIN)/python -m tools.messages compile

.PHONY: migrations
migrations: setup-dev ## write the migrations that the models need
	@DJANGO_SETTINGS_MODULE=openkap.config.settings $(BIN)/django-admin makemigrations

LOCKS := run dev fast science bootstrap
.PHONY: locks
locks: $(DONE)/uv ## choose the newest allowed versions of all packages (UPGRADE=--upgrade) and pin them
	@for lock in $(LOCKS); do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	    --custom-compile-command "make locks" $(UPGRADE) requirements/$$lock.in -o requirements/$$lock.lock || exit 1; \
	done

.PHONY: clean
clean: ## remove what was installed and built; data in .openkap stays
	rm -rf $(VENV) node_modules build dist src/openkap/web/static/built staticfiles .mypy_cache .ruff_cache .pytest_cache
