# Sets Tightrope up in a virtual environment of its own, and runs it. GNU make 3.81 and a plain sh are enough.

PYTHON =
ARGS =
EXTRA =
HOLDS =

# Tests are shared out among the cores; a core that has none left takes over half of another's.
EACH_CORE = -n auto --dist worksteal

# A Python that was asked for has an environment of its own, beside the default one.
VENV := .venv$(if $(PYTHON),-$(notdir $(PYTHON)))
PY := $(VENV)/bin/python

.NOTPARALLEL:
.PHONY: help demo test quick mutants show site report lint types clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "ARGS goes on to the program: make test ARGS=tests/lab/test_store.py, make demo ARGS=--help"
	@echo "PYTHON names another Python: make test PYTHON=python3.13"

demo: $(VENV)/.base ## set up and run the main experiment: what happens if Belarus enters the war
	$(PY) -m experiments.war_entry $(ARGS)

test: $(VENV)/.dev ## set up and run all tests
	$(PY) -m pytest -q $(EACH_CORE) --durations=25 $(ARGS)

quick: $(VENV)/.dev ## set up and run the tests that answer in under a minute
	$(PY) -m pytest -q $(EACH_CORE) -m "not slow" $(ARGS)

mutants: $(VENV)/.dev ## plant faults one at a time, and see which test catches each
	$(PY) tests/house/mutate.py $(ARGS)

show: $(VENV)/.browser ## set up and open the model in the browser
	$(PY) -m experiments.browser $(ARGS)

site: $(VENV)/.base ## set up, and write one page that opens from disk, without a server: what a reader can be sent
	$(PY) -m experiments.site $(ARGS)

report: $(VENV)/.base ## set up, ask all questions on a small budget, and write one page to send on
	$(PY) -m experiments.report $(ARGS)

lint: $(VENV)/.dev types ## check style, formatting and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(VENV)/.dev ## check types alone
	$(PY) -m mypy

clean: ## remove environments and caches; results/ stays
	rm -rf .venv .venv-* .numba_cache .pytest_cache .hypothesis .ruff_cache .mypy_cache
	find agents model experiments tests -name __pycache__ -prune -exec rm -rf {} +

# A stamp says what is installed, until pyproject.toml or the Python changes.
$(VENV)/.browser: EXTRA = [browser]
$(VENV)/.browser: HOLDS = $(VENV)/.base
$(VENV)/.dev: EXTRA = [dev]
$(VENV)/.dev: HOLDS = $(VENV)/.base $(VENV)/.browser
$(VENV)/.base $(VENV)/.browser $(VENV)/.dev: pyproject.toml $(PY)
	@$(PY) -m pip --version > /dev/null 2>&1 || $(PY) -m ensurepip
	@echo "Installing .$(EXTRA) into $(VENV): a minute or two the first time"
	@$(PY) -m pip install --quiet --disable-pip-version-check ".$(EXTRA)"
	@touch $@ $(HOLDS)

# Each candidate is tried, not looked up: a pyenv shim is on the path even where its Python is not installed.
# pyenv is told of all its Pythons that are new enough, since it may have selected none of them.
$(PY):
	@PYENV_VERSION=$$(pyenv versions --bare 2> /dev/null | grep -E '^3\.(1[2-9]|[2-9][0-9])\.[0-9]+$$' \
	    | sort -t . -k 2,2n -k 3,3nr | tr '\n' ':')system; \
	export PYENV_VERSION; \
	for python in $(or $(PYTHON),uv python3.12 python3.13 python3.14 python3); do \
	    rm -rf $(VENV); \
	    case $$python in \
	    uv) uv venv --quiet --seed --python 3.12 $(VENV) || uv venv --quiet --seed --python 3.13 $(VENV) ;; \
	    *) $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' && $$python -m venv $(VENV) ;; \
	    esac > /dev/null 2>&1 && echo "$(VENV): $$($(PY) --version), by $$python" && exit; \
	done; \
	rm -rf $(VENV); \
	echo "Tightrope needs Python 3.12 or newer with its venv module$(if $(PYTHON),; $(PYTHON) is not one):" \
	    "install uv, or on Debian python3-venv, or name one: make PYTHON=python3.13" >&2; \
	exit 1
