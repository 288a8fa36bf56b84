# The two commands of the README are `make demo` and `make test`; both do all the set-up they need.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
SIMULATOR := build/vsphere-simulator
STAMP := $(VENV)/.installed

.PHONY: setup demo test check e2e bench clean

setup: $(STAMP) $(SIMULATOR)

$(STAMP): pyproject.toml constraints.txt
	./scripts/ensure-packages python
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

$(SIMULATOR): simulator/*.go
	./scripts/ensure-packages simulator
	mkdir -p build
	cd simulator && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= go build -o ../$@ .

demo: setup
	$(BIN)/itops demo

test: setup
	./scripts/ensure-packages test
	$(MAKE) check
	$(MAKE) e2e

# Exactly what CI runs, in its order; no network, no servers.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -n auto -m 'not e2e'

e2e: setup
	$(BIN)/pytest -q -n 2 -m e2e

bench: setup
	$(BIN)/python -m bench

clean:
	rm -rf build .demo .venv

# The type table of the vsphere source, from properties.yaml and pyVmomi's metadata.
.PHONY: schema
schema: $(STAMP)
	$(BIN)/python scripts/make_vsphere_schema.py
	$(BIN)/python -m scripts.make_register_schema
