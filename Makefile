# One entrance for people and CI. `make help` lists what there is.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help

BUILD := .build/debug
PYTHON := .venv/bin/python

.PHONY: help setup setup-build build demo test lint format embed-schemas embed-page screenshots unit end-to-end release simulate scenarios mutants chaos story bench bench-engine bench-messaging bench-restore bench-http hostile fuzz clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing needs, where it is missing.
	@Tests/Tools/setup

setup-build: ## Install only what building needs, where it is missing: headers of librdkafka, OpenSSL, zlib, libyaml.
	@Tests/Tools/setup build

build: setup ## Build everything in debug mode.
	swift build --build-tests

demo: setup-build ## See the worker at work: no Kafka, no internet, under 30 seconds once built.
	swift build --product send-worker
	$(BUILD)/send-worker demo

test: setup lint unit end-to-end ## Lint, unit tests and end-to-end tests against an independent broker.

lint: ## Check the formatting, and that what is derived from sources is up to date.
	swift format lint --strict --recursive Package.swift Sources Tests
	Tests/Tools/embed-schemas --check
	Tests/Tools/embed-page --check
	Tests/Mutations/run --check

format: ## Mend the formatting.
	swift format format --in-place --recursive Package.swift Sources Tests

embed-schemas: ## Put schemas/ into the binary, for `send-worker schema`.
	Tests/Tools/embed-schemas

embed-page: ## Put the status page's files into the binary.
	Tests/Tools/embed-page

screenshots: setup ## Take the pictures of the status page in docs/images, of a worker under load; about five minutes.
	swift build --product send-worker
	$(PYTHON) Tests/Tools/screenshots

unit: setup
	swift build --build-tests
	Tests/Tools/unit-tests

# Most of these tests wait for brokers and timers: two at a time, each with a broker of its own, take little more processor.
JOBS ?= 2

end-to-end: setup
	swift build --product send-worker
	$(PYTHON) -m pytest Tests/EndToEnd -m "not alone" -n $(JOBS) --dist loadfile
	$(PYTHON) -m pytest Tests/EndToEnd -m alone

release: setup-build ## Build an optimised binary: .build/release/send-worker.
	swift build -c release --product send-worker

SEEDS ?= 10000
SEED ?= 1

simulate: setup-build ## Run simulated clusters through faults: SEEDS=10000 from SEED=1; TRACE=1 replays the one SEED.
	swift build -c release --product simulate
	.build/release/simulate --seeds $(SEEDS) --seed $(SEED) $(if $(TRACE),--trace)

scenarios: setup-build ## Play throttles, outages, dead tokens and floods through: who waits how long, and who does not.
	swift build -c release --product simulate
	.build/release/simulate scenarios

mutants: setup ## Show that the simulation catches known-bad variants of the engine.
	Tests/Mutations/run

SCENARIO ?= run
# Drawn at random unless somebody asks for one; the default above is the simulation's.
CHAOS_SEED = $(if $(filter-out file,$(origin SEED)),$(SEED))
CHAOS_OPTIONS = $(if $(MINUTES),--minutes $(MINUTES)) $(if $(REPLICAS),--replicas $(REPLICAS)) \
    $(if $(GUARANTEE),--guarantee $(GUARANTEE)) $(if $(BEFORE),--before $(abspath $(BEFORE))) \
    $(if $(CHAOS_SEED),--seed $(CHAOS_SEED))

chaos: setup ## Kill, freeze and cut off replicas under load. MINUTES=30 SEED= REPLICAS= GUARANTEE= BEFORE= SCENARIO=kills…
	swift build --product send-worker
	cd Tests/EndToEnd && ../../$(PYTHON) -m chaos $(SCENARIO) $(CHAOS_OPTIONS)

story: setup ## A day on call, told with real commands and asserted. MARKDOWN=docs/walkthrough.md writes it down.
	swift build --product send-worker
	PYTHONPATH=Tests/EndToEnd $(PYTHON) -m story $(if $(MARKDOWN),--markdown $(MARKDOWN))

N ?= 100000
BENCH_OPTIONS = --messages $(N) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json $(JSON)) \
    $(if $(BINARY),--binary $(BINARY)) $(if $(INSTRUCTIONS),--instructions) $(if $(ONLY),--only $(ONLY))

bench: release ## Measure the whole path beside the least it could cost. N=100000 ROUNDS=3 ONLY="floor bridge" INSTRUCTIONS=1 JSON=…
	@Tests/Tools/setup bench
	PYTHONPATH=Tests/Benchmarks:Tests/EndToEnd $(PYTHON) -m whole_path $(BENCH_OPTIONS)

bench-engine: setup-build ## Measure the engine with a million waiting requests.
	swift build -c release --product benchmarks
	.build/release/benchmarks engine

bench-restore: setup release ## Measure how long a takeover of 50,000 waiting requests and 10,000 accounts takes.
	$(PYTHON) Tests/Benchmarks/restore.py

bench-messaging: setup-build ## Measure decoding, checking and encoding beside Foundation's decoders.
	swift build -c release --product benchmarks
	.build/release/benchmarks messaging

CALLS ?= 100000

bench-http: setup ## Measure a call of the HTTP client beside a bare client in C, against nginx. CALLS=100000 a run.
	swift build -c release --product benchmarks
	$(PYTHON) Tests/Benchmarks/http_client.py --calls $(CALLS)

EXCHANGES ?= 100000

hostile: setup ## Try the HTTP client against a hostile server and against nginx under reload: EXCHANGES=100000 from SEED=1.
	swift build --product http-trial
	$(BUILD)/http-trial hostile --exchanges $(EXCHANGES) --seed $(SEED)
	$(BUILD)/http-trial nginx --exchanges $$(($(EXCHANGES) / 10)) --seed $(SEED) --reload-every 0
	$(BUILD)/http-trial nginx --exchanges $$(($(EXCHANGES) / 10)) --seed $(SEED)

TARGET ?= requests

fuzz: ## Fuzz what reads bytes from outside, coverage-guided: TARGET=requests, arguments, http or yaml.
	Tests/Fuzz/run $(TARGET)

clean: ## Remove what was built and the virtual environment.
	rm -rf .build .build-mutants .venv .venv-generators
