# Everything here also runs by hand: see README.md (Windows commands there).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PRET := $(VENV)/.pret
# The peers of the benchmarks, apart: they are no part of the product.
PAIRS := $(VENV)/pairs

.PHONY: bilan test epreuves compile lint audit benchmark
bilan: $(PRET)
	$(BIN)/gestion-flux bilan 2025 --entrees data/raw/exemple --sorties data/out/exemple

# Three processes on two cores: some tests wait (a schedule that fires each minute, a signal in the middle of a run).
# A file goes to one process: what its tests share is made once.
test: lint compile
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

# The same and the long trials: more random campaigns, more kills, pages counted by LibreOffice.
epreuves: lint compile
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder --longues

# Once, rather than by each of the hundreds of processes of the tests where bytecode is not written.
compile: $(PRET)
	$(BIN)/python -m compileall -q flows tests

lint: $(PRET)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 sql

audit: $(PRET)
	for verrou in requirements requirements-dev requirements-leger; do \
		$(BIN)/pip-audit --strict --require-hashes --disable-pip -r $$verrou.lock || exit 1; \
	done

benchmark: $(PRET) $(PAIRS)/.pret
	$(BIN)/python -m benchmarks --pairs $(PAIRS)/bin/python $(OPTIONS)

$(PAIRS)/.pret: benchmarks/requirements.txt
	$(PYTHON) -m venv $(PAIRS)
	$(PAIRS)/bin/python -m pip install -q --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

$(PRET): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(PRET)
