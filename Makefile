# `make help` lists the targets. Needs make and Python 3.11 to 3.13 (TensorFlow has no wheels for later ones yet).
SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run lab test lint docs bench pins clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV := build/pins/bin/uv
COMPILE = echo "Compiling the kernels." && $(BIN)/python -m regulab.training.kernels

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run ## run the main job on the bundled data; results go to a new folder in runs/
	@$(BIN)/regulab run

lab: $(VENV)/.dev ## open the guided session in the browser
	@$(BIN)/regulab lab

# Several processes (tests/conftest.py says how many); a file's tests stay together, since they share servers and
# trainings. In the order of their names the long ones, in a browser, come early.
test: $(VENV)/.dev ## run the tests
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## check style, types and the direction of imports
	@failed=; \
	echo "ruff check";    $(BIN)/ruff check --quiet . || failed=1; \
	echo "ruff format";   $(BIN)/ruff format --check --quiet --output-format concise . || { echo "Remedy: $(BIN)/ruff format ."; failed=1; }; \
	echo "mypy";          $(BIN)/mypy || failed=1; \
	echo "import-linter"; $(BIN)/lint-imports --no-logo || failed=1; \
	test -z "$$failed"

docs: $(VENV)/.dev ## build the documentation into docs/_build/html
	@$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.run ## measure regulab's speed beside other tools; takes most of an hour
	@$(BIN)/python benchmarks/speed $(BENCH)

pins: $(UV) ## renew the pins in requirements/; UPGRADE=1 takes newer releases
	@echo "Resolving the requirements."
	@pin="$(UV) pip compile --no-config --universal --generate-hashes --no-header --no-annotate --quiet \
	    --python-version 3.11 --fork-strategy fewest $(if $(UPGRADE),--upgrade)"; \
	$$pin pyproject.toml requirements/build.in --extra cpu --extra digits -o requirements/run.txt && \
	$$pin pyproject.toml requirements/build.in --extra cpu --extra dev -c requirements/run.txt -o requirements/dev.txt && \
	$$pin requirements/pins.in -o requirements/pins.txt

clean: ## remove what was built and cached; keeps .venv and runs
	rm -rf build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis src/*.egg-info
	find src tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are newer than the pins they were installed from. Whatever `dev` installs includes `run`,
# in the same versions.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what regulab needs into $(VENV): a minute or two, TensorFlow alone is about 300 MB."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing regulab and its tools into $(VENV): a minute or two, TensorFlow alone is about 300 MB."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(COMPILE)
	@touch $(VENV)/.run $@

# An unfinished folder is removed: it would look like an environment to the next make.
$(BIN)/python:
	@for python in python3 python3.13 python3.12 python3.11; do \
	    if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	        echo "Creating $(VENV) with $$($$python --version)."; \
	        $$python -m venv $(VENV) && exit 0; \
	        rm -rf $(VENV); \
	        echo "$$python could not create $(VENV). On Debian and Ubuntu: apt install python3-venv" >&2; \
	        exit 1; \
	    fi; \
	done; \
	echo "Expected Python 3.11, 3.12 or 3.13 as python3, python3.13, python3.12 or python3.11. Received: none." >&2; \
	echo "Install one of them and run make again." >&2; \
	exit 1

$(UV): requirements/pins.txt | $(BIN)/python
	@echo "Installing uv into build/pins."
	@$(BIN)/python -m venv build/pins
	@build/pins/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/pins.txt
	@touch $@
