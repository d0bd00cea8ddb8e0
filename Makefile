# Every habit of this project; `make help` lists them. Nothing but Python 3.11-3.13 is needed beforehand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
READY_DOCS := $(VENV)/.ready-docs
RUNS ?= fractions

.DEFAULT_GOAL := help
.PHONY: help install explore test test-quick test-long lint types docs licences format bench models models-list results pictures clean

help: ## list the habits
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(READY): $(BIN)/python pyproject.toml requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test,lint]"
	@touch $@

$(READY_DOCS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[docs]"
	@touch $@

install: $(READY) ## make the environment in .venv

explore: $(READY) ## open the explorer; where no run is there yet, start the quick one on mock galaxies
	$(BIN)/galaxy explore

test: $(READY_DEV) ## all tests (less than ten minutes on two cores)
	@bash tests/install_chromium.sh
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-quick: $(READY_DEV) ## the tests that need neither the real network nor a browser
	$(BIN)/python -m pytest -m "not slow and not browser"

test-long: $(READY_DEV) ## the tests that take minutes each, before a release
	@bash tests/install_chromium.sh
	@bash tests/install_slurm.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[cluster]"
	$(BIN)/python -m pytest -m long --numprocesses 2 --dist loadfile

lint: $(READY_DEV) ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY_DEV) ## check the types of galaxy_core
	$(BIN)/mypy

docs: $(READY_DOCS) ## the pages of docs/ as docs/_build/html, their notebooks run; a warning fails
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

licences: $(READY) ## write docs/licences.md: what an installation brings, and its licences
	$(BIN)/python docs/_ext/licences.py

format: $(READY_DEV) ## put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY_DEV) ## every benchmark, one after the other; fails where a bar is missed
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]"
	missed=0; for script in benchmarks/[a-z]*.py; do \
		echo "== $$script"; $(BIN)/python $$script || missed=1; done; exit $$missed

models: $(READY) ## make the shipped models: PHOTOGRAPHS=folder GALAXIES=file.h5 [WORKERS=4]; carries on where it was interrupted
	$(BIN)/galaxy models --photographs "$(PHOTOGRAPHS)" --data "$(GALAXIES)" $(if $(WORKERS),--workers $(WORKERS))

models-list: $(READY) ## write which files models/ has, by their digests, when it has changed
	$(BIN)/python -m galaxy_core.runs.shipped

results: $(READY) ## the numbers of docs/results.csv: GALAXIES=file.h5, RUNS=names (default: the shipped sweep)
	$(BIN)/galaxy evidence $(RUNS) --data "$(GALAXIES)" --out docs/results.csv

pictures: $(READY_DEV) ## take the pictures of the README anew, with the shipped models
	@bash tests/install_chromium.sh
	$(BIN)/python docs/_ext/pictures.py

clean: ## remove the environment and what tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
