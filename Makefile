# Everything a fresh machine needs: Python 3.11+, make, and (for speed) a C++20 compiler.
#   make compare      install into .venv and run the main job on the digits that come with scikit-learn
#   make test         install into .venv and run all checks and tests
#   make bench        speed and training against peers, side by side; results in benchmarks/ (a quarter of an hour)
#   make docs         the site: guide, a page for every function, recipes; build/docs/html/index.html (a minute)
#   make vectorised   report kernel loops that the compiler did not turn into vectors
#   make sanitize     the kernels' tests under AddressSanitizer and UndefinedBehaviorSanitizer (minutes)
#   make arm          the kernels' bits on ARM, under emulation, against those of this processor (minutes; needs Debian's
#                     g++-aarch64-linux-gnu and qemu-user, and AVX2 here)
#   make exhaustive   every float32 through every kernel (hours)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest --numprocesses auto --dist loadgroup
PIP = $(BIN)/pip --disable-pip-version-check --quiet
SOURCES = pyproject.toml constraints.txt CMakeLists.txt $(shell find src kernels -name '*.py' -o -name '*.[ch]pp' -o -name '*.j2' -o -name '*.toml')

.PHONY: compare test check bench docs vectorised sanitize arm exhaustive clean

compare: $(VENV)/installed
	$(BIN)/ogive compare

test: $(VENV)/installed check
	$(PYTEST)
	OGIVE_KERNELS=0 $(PYTEST) --ignore tests/lab --ignore tests/test_namespaces.py --ignore tests/test_accuracy.py

check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed build/peers
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/training.py

# In a folder of their own, so that tests and checks never see them.
build/peers: benchmarks/peers.txt
	$(PIP) install --no-deps --upgrade --target $@ --requirement $<
	touch $@

docs: $(VENV)/installed
	$(BIN)/python docs/site/assemble.py build/docs/source
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs auto build/docs/source build/docs/html
	@echo "the site begins at build/docs/html/index.html"

BITS = cmake -DOGIVE_BITS=ON -S .

build/bits/bits: $(SOURCES) tests/bits.cpp
	$(BITS) -B build/bits
	cmake --build build/bits --parallel 2

vectorised: build/bits/bits
	$(PYTHON) kernels/vectorised.py build/bits/CMakeFiles/kernels_*.dir/kernels/*.o

arm: build/bits/bits
	$(BITS) -B build/arm -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++
	cmake --build build/arm --parallel 2
	build/bits/bits avx2 > build/bits/avx2
	qemu-aarch64 -L /usr/aarch64-linux-gnu build/arm/bits baseline | diff build/bits/avx2 -
	@echo "ARM gives the bits of AVX2"

# Python is not instrumented, so the sanitizers' libraries have to be there first; what it keeps for ever is no leak.
SANITIZED = LD_PRELOAD="$$($(CXX) -print-file-name=libasan.so) $$($(CXX) -print-file-name=libubsan.so)" \
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 PYTHONPATH=build/sanitize/src

sanitize: $(VENV)/installed
	cmake -S . -B build/sanitize -DPython_EXECUTABLE=$(abspath $(BIN))/python -DOGIVE_SANITIZE=ON
	cmake --build build/sanitize --parallel 2
	rm -rf build/sanitize/src && cp -r src build/sanitize/src && cp build/sanitize/_kernels*.so build/sanitize/src/ogive/
	$(SANITIZED) $(BIN)/python -m pytest tests/test_layouts.py tests/test_interface.py tests/test_product.py tests/test_threads.py

exhaustive: $(VENV)/installed
	$(BIN)/python benchmarks/exhaustive.py

$(VENV)/installed: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): some minutes, for PyTorch and for compiling the kernels"
	$(PIP) install --constraint constraints.txt --upgrade ".[docs,test]"
	$(BIN)/python -c "import ogive; ogive.show_config()"
	touch $@

clean:
	rm -rf $(VENV) build ogive-runs
