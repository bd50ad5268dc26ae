# The few commands of this house. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev lint test check bench soak strings screenshots lock clean

PORT ?= 8000
PYTHON ?= python3
ARGS ?=
VENV := .venv/bin/python

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## set up, make a demo building and serve it (make run PORT=8080)
	@exec $(VENV) -m scripts.run --port $(PORT)

setup: ## what `make run` needs in .venv, and the compiled translations
	@$(PYTHON) scripts/setup.py requirements.lock

setup-dev: ## the same with the tools of the tests
	@$(PYTHON) scripts/setup.py requirements-dev.lock

lint: setup-dev ## style, types and the import rule, without the tests
	@exec $(VENV) -m scripts.run_tests --lint-only

test: setup-dev ## everything that must pass (make test ARGS="tests/web -k form")
	@exec $(VENV) -m scripts.run_tests -- $(ARGS)

check: test ## what CI runs, whether the installed packages fit together, and what is known against them
	@$(VENV) -m pip check
	@$(VENV) -m scripts.audit

bench: setup-dev ## measure speed and size, on both databases, into docs/measurements.md
	@exec $(VENV) -m benchmarks.run $(ARGS)

soak: setup-dev ## kill, race and starve it for a long while
	@exec $(VENV) -m benchmarks.soak $(ARGS)

strings: setup-dev ## collect the sentences to translate into translations/*/LC_MESSAGES/messages.po
	@exec $(VENV) -m scripts.strings

screenshots: setup-dev ## draw every screen at its size into docs/screenshots/
	@exec $(VENV) -m scripts.screenshots $(ARGS)

# The second file takes its versions from the first, so that what is served is what was tested. Both are made with the
# oldest Python that we promise, Debian 12's: a later one chooses packages that this one cannot install.
COMPILE := build/lock/bin/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: ## choose the versions of all dependencies anew (on Debian 12, with the network)
	@$(PYTHON) -c 'import sys; sys.version_info[:3] <= (3, 11, 2) or sys.exit("lock: use Python 3.11.2 (Debian 12), as in: make lock PYTHON=/usr/bin/python3")'
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	$(COMPILE) --upgrade --extra=dev --output-file=requirements-dev.lock pyproject.toml
	$(COMPILE) --upgrade --constraint=requirements-dev.lock --output-file=requirements.lock pyproject.toml

clean: ## remove what these commands made, instance/ (the data) excepted
	rm -rf .venv build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find translations -name '*.mo' -delete
