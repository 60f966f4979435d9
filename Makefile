# Everything below is Python: config/local/bootstrap.py makes .venv on the first run, then hands over.
# make PYTHON=/path/to/python3.12 … chooses another Python. ARGS, PORT and HOST reach it through the environment.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3; do command -v $$name && break; done)

.PHONY: run test lint lock clean

# The site on http://127.0.0.1:8000 with demo data: make run PORT=8001
# All checks and all tests; only some tests: make test ARGS="-k claim"
# Only the checks that need no database.
# requirements/*.txt from requirements/*.in; newer versions: make lock ARGS=--upgrade
# Stops what runs here and removes .venv, .local and their data.
run test lint lock clean:
	@exec "$(or $(PYTHON),$(error Acequia needs Python 3.11 or newer on the PATH, or PYTHON=/path/to/python3.12))" config/local/bootstrap.py $@
