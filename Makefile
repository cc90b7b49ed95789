.DEFAULT_GOAL := help
.PHONY: run test setup lint long bench lock vendor hooks help
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --exclude-newer "7 days" $(ARGS)

run: ## start the service on 127.0.0.1:8000; data in ./var (other port: make run ARGS="--port 8001")
	@$(PYTHON) tools/setup.py run
	@exec $(BIN)/lotse serve $(ARGS)

test: setup lint ## everything that must be green before a change is handed in
	$(BIN)/pytest -n auto -m "not long" --durations=10 $(ARGS)

setup: ## make the machine and .venv ready for work on the code
	@$(PYTHON) tools/setup.py test

lint: setup ## style, types, import contracts, templates
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint app --lint --quiet

long: setup ## the tests that take minutes
	$(BIN)/pytest -n auto -m long --durations=10 $(ARGS)

bench: setup ## one line of JSON per figure, ours beside the least that any program must do
	@$(BIN)/python -m benchmarks $(ARGS)

lock: setup ## write the lock files, nothing younger than a week (renew: make lock ARGS=--upgrade)
	printf '%s\n' 'setuptools>=77' wheel | $(LOCK) - -o requirements/build.lock
	$(LOCK) --extra server pyproject.toml -o requirements/run.lock
	$(LOCK) --extra test -c requirements/run.lock pyproject.toml -o requirements/test.lock

vendor: setup ## fetch styles, fonts and axe anew (needs npm), as tools/vendor.py says
	@$(BIN)/python tools/vendor.py

hooks: ## run lint before each commit
	@printf '#!/bin/sh\nexec make lint\n' > "$$(git rev-parse --git-path hooks)/pre-commit"
	@chmod +x "$$(git rev-parse --git-path hooks)/pre-commit"

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
