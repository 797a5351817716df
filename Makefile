# How Huifang is set up, run, tested and checked. `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run test check format bench faults messages lock sbom clean
PY := .venv/bin/python
# Where this is set, each of the hundreds of processes that a test run starts would compile all modules once more.
unexport PYTHONDONTWRITEBYTECODE

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo "  make bench-NAME one measurement, bench/NAME.py"

run: ## Set up and run the demo at http://127.0.0.1:8000 (PORT=8123 make run); Ctrl-C stops all of it
	@.ci/venv requirements.txt
	@exec .ci/demo-env $(PY) manage.py serve

test: ## Run every test, on real PostgreSQL and Redis, in Chromium, and once more on SQLite (REPEAT=3)
	@.ci/venv requirements-dev.txt
	@exec $(PY) -m tests.suite

check: ## Run every check that needs no running server: style, types, layers, settings, migrations, translations
	@.ci/venv requirements-dev.txt
	@exec $(PY) .ci/checks.py

format: ## Lay out the code and mend what the style check can mend by itself
	@.ci/venv requirements-dev.txt
	@$(PY) -m ruff check --quiet --fix . || true
	@$(PY) -m ruff format --quiet .

bench: ## Run every measurement of bench/ and print its figures
	@.ci/venv requirements-dev.txt
	@exec $(PY) -m bench.run

bench-%:
	@.ci/venv requirements-dev.txt
	@exec $(PY) -m bench.run $*

faults: ## Kill, freeze and rob the parts of a running house, and count what is lost (half an hour; REPEAT=, ONLY=)
	@.ci/venv requirements-dev.txt
	@exec $(PY) -m bench.run faults

messages: ## Compile the translations and say which strings lack their Chinese
	@.ci/venv requirements.txt
	@.ci/demo-env $(PY) manage.py i18n compile
	@.ci/demo-env $(PY) manage.py i18n check

lock: ## Lock the dependencies of pyproject.toml with hashes
	@.ci/venv requirements-dev.txt
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; set -e; \
	lock="$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml"; \
	$$lock -o requirements.txt; \
	$$lock --extra dev -c requirements.txt -o requirements-dev.txt

sbom: ## Print the bill of materials of what is installed in production (CycloneDX)
	@python3 .ci/sbom.py

clean: ## Remove the demo's state, pictures, caches and the environment
	rm -rf var build .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete
