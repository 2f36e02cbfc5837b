# One configuration for everything: what is tested is what runs, and nothing is built twice.
CONFIGURATION := release
BUILT := .build/$(CONFIGURATION)
SWIFT_FLAGS := -c $(CONFIGURATION)
export PATH := $(CURDIR)/.tools/valkey:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help serve build test api-test lint format render bench check-new clean

help: ## show this help
	@echo 'make TARGET, where TARGET is one of:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '  %-16s %s\n' "$$name" "$$text"; done
	@echo 'Each installs what it lacks and says so. ARGS="…" are handed to serve, test and bench.'

serve: ## build and serve the functions of functions.yaml on http://127.0.0.1:8080
	@scripts/ensure swift libraries valkey
	swift build $(SWIFT_FLAGS)
	$(BUILT)/shopfn serve $(ARGS)

build: ## build shopfn, the modules and the tests
	@scripts/ensure swift libraries
	swift build $(SWIFT_FLAGS) --build-tests

test: build ## build, and run every test
	@scripts/ensure valkey python keda
	scripts/test $(SWIFT_FLAGS) $(ARGS)

api-test: build ## test a running shop against docs/openapi.yaml
	@scripts/ensure valkey schemathesis
	Tests/Hostile/schemathesis.sh $(ARGS)

lint: ## check formatting, scripts, layers and rules
	@scripts/ensure swift python
	scripts/lint

format: ## format all Swift sources
	@scripts/ensure swift
	swift format --in-place --parallel --configuration .swift-format --recursive Package.swift Sources Tests Benchmarks

render: ## write k8s/ anew from functions.yaml
	@scripts/ensure swift libraries
	swift build $(SWIFT_FLAGS) --product shopfn
	$(BUILT)/shopfn render --output k8s

bench: build ## measure throughput, latency and cold starts
	@scripts/ensure valkey bench
	Benchmarks/run $(ARGS)

check-new: build ## see that what `shopfn new` makes builds, passes its test and answers
	CONFIGURATION=$(CONFIGURATION) scripts/check-new

clean: ## remove what was built, and keep the tools
	rm -rf .build

include make/platform.mk
