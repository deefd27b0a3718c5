# One entrance for people and CI. `make help` lists what there is.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help

BUILD := .build/debug
PYTHON := .venv/bin/python
UNIT_TESTS := $(notdir $(wildcard Tests/*Tests))

.PHONY: help setup build demo test lint format embed-schemas unit end-to-end release bench fuzz clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing needs, where it is missing.
	@Tests/Tools/setup

build: setup ## Build everything in debug mode.
	swift build --build-tests

demo: setup ## See the worker at work: no Kafka, no internet, under 30 seconds once built.
	swift build --product send-worker
	$(BUILD)/send-worker demo

test: setup lint unit end-to-end ## Lint, unit tests and end-to-end tests against an independent broker.

lint: ## Check the formatting, and that the binary prints the schemas as they are.
	swift format lint --strict --recursive Package.swift Sources Tests
	Tests/Tools/embed-schemas --check

format: ## Mend the formatting.
	swift format format --in-place --recursive Package.swift Sources Tests

embed-schemas: ## Put schemas/ into the binary, for `send-worker schema`.
	Tests/Tools/embed-schemas

# One process for each target: the brokers and servers of one do not take the processor from the time limits of another.
unit: setup
	swift build --build-tests
	@set -e; for target in $(UNIT_TESTS); do \
	    echo "unit tests: $$target"; \
	    swift test --skip-build --filter "^$$target\\."; \
	done

end-to-end: setup
	swift build --product send-worker
	$(PYTHON) -m pytest Tests/EndToEnd

release: setup ## Build an optimised binary: .build/release/send-worker.
	swift build -c release --product send-worker

N ?= 20000

bench: release ## Measure the whole path: messages per second and CPU per message. N=20000 messages.
	$(PYTHON) Tests/Benchmarks/whole_path.py --messages $(N)

fuzz: ## Fuzz the decoders, coverage-guided, until it is interrupted or done.
	Tests/Fuzz/run

clean: ## Remove what was built and the virtual environment.
	rm -rf .build .venv
