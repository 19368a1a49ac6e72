# Everything a fresh machine needs: Python 3.11+, make, and (for speed) a C++20 compiler.
#   make compare      install into .venv and run the main job on the digits that come with scikit-learn
#   make test         install into .venv and run all checks and tests
#   make bench        speed against peers, side by side; results in benchmarks/ (minutes)
#   make exhaustive   every float32 through every kernel (hours)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest --numprocesses auto
PIP = $(BIN)/pip --disable-pip-version-check --quiet
SOURCES = pyproject.toml constraints.txt CMakeLists.txt $(shell find src kernels -name '*.py' -o -name '*.[ch]pp' -o -name '*.j2')

.PHONY: compare test check bench exhaustive clean

compare: $(VENV)/installed
	$(BIN)/ogive compare

test: $(VENV)/installed check
	$(PYTEST)
	OGIVE_KERNELS=0 $(PYTEST) --ignore tests/lab

check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed
	$(BIN)/python benchmarks/speed.py

exhaustive: $(VENV)/installed
	$(BIN)/python benchmarks/exhaustive.py

$(VENV)/installed: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): some minutes, for PyTorch and for compiling the kernels"
	$(PIP) install --constraint constraints.txt --upgrade ".[test]"
	$(BIN)/python -c "import ogive; ogive.show_config()"
	touch $@

clean:
	rm -rf $(VENV) build ogive-runs
