.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install quickstart stop serve test check bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed ## Make .venv and install Lensmith with what the tests need

.venv/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Lensmith into .venv (first time: a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

quickstart: install ## Start, train the built-in examples, detect, print the addresses
	@$(BIN)/lensmith quickstart

stop: ## Stop the server that quickstart left running
	@$(BIN)/lensmith stop

serve: install ## Serve in the foreground
	@$(BIN)/lensmith serve

test: install ## Run every test
	@$(BIN)/python -m pytest

check: install ## ruff, mypy strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install ## Run the benchmarks (LENSMITH_DATA names the image sets)
	@$(BIN)/python -m bench

clean: ## Remove the virtual environment and the quickstart's data
	@rm -rf .venv lensmith-data
