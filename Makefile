# Everything is Python: bootstrap.py makes .venv on the first run, then hands over to config/local/<name>.py.
#
#   make run      the site with demo data on http://127.0.0.1:8000; make run PORT=8001
#   make test     all checks and all tests; only some tests: make test ARGS="-k claim"
#   make lint     only the checks that need no database
#   make bench-read   what reading costs, beside hand-written SQL and PostGraphile; needs wrk, node and npm
#   make bench-live   what pushing costs, beside the limit, graphql-ws and strawberry over Channels; needs node and npm
#   make bench-guard  what hostile documents cost, and what others notice of them; needs wrk
#   make bench-datasets  what publishing all open data as files costs
#   make chaos    kills servers, Redis and PostgreSQL under clients that must miss nothing; ARGS=--short for a small one
#   make lock     requirements/*.txt from requirements/*.in; newer versions: make lock ARGS=--upgrade
#   make clean    stops what runs here, and removes .venv, .local and the local database
#
# make PYTHON=/path/to/python3.12 … chooses another Python. PORT, HOST and ARGS go through the environment.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do command -v $$name && break; done)
MISSING = $(error Acequia needs Python 3.11 or newer on the PATH, or PYTHON=/path/to/python3.12)

.PHONY: run test lint bench-read bench-live bench-guard bench-datasets chaos lock clean
# exec: a shell in between would keep the SIGTERM that make hands on.
run test lint chaos lock clean:
	@exec "$(or $(PYTHON),$(MISSING))" config/local/bootstrap.py $@

bench-read bench-live bench-guard bench-datasets:
	@exec "$(or $(PYTHON),$(MISSING))" config/local/bootstrap.py bench $(@:bench-%=%)
