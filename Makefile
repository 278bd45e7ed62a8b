# Two commands for a newcomer: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= results/december-march
SEED ?= 7

.PHONY: run test test-all pythons fuzz bench docs columns pictures what-ifs sensitivity evidence citation dist clean help
.DEFAULT_GOAL := help

help:
	@echo "make run       play the December-March campaign and draw it (results in $(OUT))"
	@echo "make test      all checks, within five minutes"
	@echo "make test-all  the long list"
	@echo "make pythons   the tests on the oldest and the newest Python, and on the oldest libraries (part of test-all)"
	@echo "make fuzz      some 20,400 broken scenarios, saved runs and argument lists (part of test-all)"
	@echo "make bench     measured speed"
	@echo "make docs      the documentation site, in build/docs"
	@echo "make pictures  the pictures of the README, drawn anew"
	@echo "make columns  docs/columns.md and docs/evening.md, from the tables of the code"
	@echo "make what-ifs  docs/what_ifs.md, played anew (a quarter of an hour)"
	@echo "make sensitivity  docs/sensitivity.md, played anew (half an hour)"
	@echo "make evidence  docs/evidence.md, the posterior and the forecasts, played anew (some three hours; resumes where it ended)"
	@echo "make citation  CITATION.cff, codemeta.json and .zenodo.json, from setup.cfg"
	@echo "make dist      build, check and rehearse a release (a quarter of an hour; needs the network)"
	@echo "make clean     remove the virtual environment and the caches"

# one installation each, so that a test run from nothing does not install twice
$(VENV)/python: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "kursksim needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@touch $@

$(VENV)/made: $(VENV)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/made-dev: $(VENV)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/made

$(VENV)/made-full: $(VENV)/python
	$(BIN)/python -m pip install --quiet --editable '.[full]'
	@touch $@ $(VENV)/made-dev $(VENV)/made

$(VENV)/made-release: $(VENV)/made
	$(BIN)/python -m pip install --quiet --editable '.[release]'
	@touch $@

run: $(VENV)/made
	$(BIN)/kursksim run december-march --seed $(SEED) --out $(OUT)

test: $(VENV)/made-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: $(VENV)/made-full
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	KURSKSIM_TESTS=full $(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python tests/other_pythons.py

pythons: $(VENV)/made-dev
	$(BIN)/python tests/other_pythons.py

fuzz: $(VENV)/made-dev
	KURSKSIM_TESTS=full $(BIN)/python -m pytest -n 2 tests/properties/test_fuzz.py

bench: $(VENV)/made-dev
	$(BIN)/python benchmarks/roads.py
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/cells.py
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/ensembles.py
	$(BIN)/python benchmarks/environments.py

docs: $(VENV)/made-full
	$(BIN)/sphinx-build -q -W --keep-going docs build/docs

columns: $(VENV)/made
	$(BIN)/python docs/make_columns.py

pictures: $(VENV)/made
	$(BIN)/python docs/make_pictures.py

what-ifs: $(VENV)/made
	$(BIN)/python docs/make_what_ifs.py

sensitivity: $(VENV)/made-dev
	$(BIN)/python docs/make_sensitivity.py

# one thread of linear algebra: its threads would wait for the cores that the workers have
evidence: $(VENV)/made-dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/python docs/make_evidence.py

citation:
	$(PYTHON) docs/make_citation.py

dist: $(VENV)/made-release
	$(BIN)/python docs/make_citation.py --check
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/python .ci/rehearse.py dist/*.whl

clean:
	rm -rf $(VENV) .venv-3.* .venv-same-* .venv-minimums build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
