# Thin names for one command each. `make` lists them.

# The first Python that runs, 3.11 before others; the set-up says so if it is not the right one.
PYTHON ?= $(shell for python in python3.11 python3 python; do \
	$$python -c '' 2>/dev/null && echo $$python && break; done)
PORT ?=
OPTIONS ?=
# As in an activated environment, since nbgrader looks for alembic on the PATH.
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH"
# Python keeps what it has compiled, also where the environment says not to: tests start hundreds of
# processes, each of which would compile its imports again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup lab test build demo stable gpu bubblewrap postgresql chromium

help:
	@echo "make lab    open the course in JupyterLab (PORT=8890 OPTIONS=--no-browser)"
	@echo "make test   run every test, notebooks included"
	@echo "make build  build the notebooks from their texts"
	@echo "make demo   grade a made-up class (OPTIONS go to autograder demo)"
	@echo "make setup  set up .venv; every other target does it first"
	@echo "make stable replay the notebooks under other thread counts and CPU kernels"
	@echo "make gpu    check that an NVIDIA GPU gives the right numbers"

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

# One thread for each worker: more would only wait for one another on two cores. Three workers, since
# many a test waits for a download, a time limit or a server.
test: setup bubblewrap postgresql chromium
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) OMP_NUM_THREADS=1 TQDM_DISABLE=1 pytest -n 3 --dist loadfile --no-loadscope-reorder \
		--durations=15 --nbval --nbval-cell-timeout=300 --ignore-glob='*/tests/*.ipynb' tests solutions

stable: setup
	$(IN_VENV) python tests/nbval_matrix.py

gpu: setup
	$(IN_VENV) pytest -m cuda tests

bubblewrap:
	@command -v bwrap >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get install -y -qq bubblewrap || { apt-get update -qq && apt-get install -y -qq bubblewrap; }; }; } || \
	echo "bubblewrap is missing, so nothing can be graded in a sandbox here" \
		"(Debian and Ubuntu: sudo apt install bubblewrap)"

# a server for the tests of a gradebook in PostgreSQL; they start it themselves
postgresql:
	@command -v pg_ctl >/dev/null || ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get install -y -qq postgresql || { apt-get update -qq && apt-get install -y -qq postgresql; }; }; } || \
	echo "PostgreSQL is missing, so gradebooks in it are not tested here" \
		"(Debian and Ubuntu: sudo apt install postgresql)"

# for the tests of JupyterLab and formgrader in a browser
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		{ apt-get install -y -qq chromium || { apt-get update -qq && apt-get install -y -qq chromium; }; }; } || \
	echo "Chromium is missing, so JupyterLab and formgrader are not tested in a browser here" \
		"(Debian: sudo apt install chromium)"
