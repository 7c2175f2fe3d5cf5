# Thin names for one command each. `make` lists them.

# The first Python that runs, 3.11 before others; the set-up says so if it is not the right one.
PYTHON ?= $(shell for python in python3.11 python3 python; do \
	$$python -c '' 2>/dev/null && echo $$python && break; done)
PORT ?=
OPTIONS ?=
# As in an activated environment, since nbgrader looks for alembic on the PATH.
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: help setup lab test build demo stable bubblewrap

help:
	@echo "make lab    open the course in JupyterLab (PORT=8890 OPTIONS=--no-browser)"
	@echo "make test   run every test, notebooks included"
	@echo "make build  build the notebooks from their texts"
	@echo "make demo   grade a made-up class (OPTIONS go to autograder demo)"
	@echo "make setup  set up .venv; every other target does it first"
	@echo "make stable replay the notebooks under other thread counts and CPU kernels"

setup:
	@test -n "$(PYTHON)" || { echo "Install Python 3.11 (https://www.python.org/downloads)" \
		"and run make again." >&2; exit 2; }
	@cd course && "$(PYTHON)" -m unrolled --setup-only

lab:
	@test -n "$(PYTHON)" || $(MAKE) setup
	@cd course && "$(PYTHON)" -m unrolled $(if $(PORT),--port $(PORT)) $(if $(OPTIONS),-- $(OPTIONS))

build: setup
	$(IN_VENV) autograder build

demo: setup bubblewrap
	$(IN_VENV) autograder demo $(OPTIONS)

# One thread for each of two workers: two threads each would only wait for one another on two cores.
test: setup bubblewrap
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) OMP_NUM_THREADS=1 TQDM_DISABLE=1 pytest -n 2 --dist loadfile --no-loadscope-reorder \
		--nbval --nbval-cell-timeout=300 --ignore-glob='*/tests/*.ipynb' tests solutions

stable: setup
	$(IN_VENV) python tests/nbval_matrix.py

bubblewrap:
	@command -v bwrap >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get install -y -qq bubblewrap || { apt-get update -qq && apt-get install -y -qq bubblewrap; }; }; } || \
	echo "bubblewrap is missing, so nothing can be graded in a sandbox here" \
		"(Debian and Ubuntu: sudo apt install bubblewrap)"
