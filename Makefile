# Everything is built into bin/, which git ignores. The only thing that must be there is Go.
BIN       := $(CURDIR)/bin
COLLECTOR := $(BIN)/otelcol-pushgateway
TOOLS     := $(CURDIR)/internal/tools/go.mod

# Pinned tools. mdatagen has to be one of a tool module: $(TOOLS).
OCB_VERSION           := v0.161.0
GOLANGCI_LINT_VERSION := v2.15.0
PROMETHEUS_VERSION    := v0.316.0

# A tool is installed under a name that has its version, so that a new version is a new file.
OCB           := $(BIN)/tools/builder-$(OCB_VERSION)
GOLANGCI_LINT := $(BIN)/tools/golangci-lint-$(GOLANGCI_LINT_VERSION)
PROMETHEUS    := $(BIN)/tools/prometheus-$(PROMETHEUS_VERSION)
PROMTOOL      := $(BIN)/tools/promtool-$(PROMETHEUS_VERSION)

MODULES   := . internal/e2e internal/difftest examples/jobs/lambda
# Modules that take minutes to build: they are checked when one asks for it.
HEAVY     := internal/difftest/prometheusreceiver
GENERATED := $(addprefix pushgatewayreceiver/,documentation.md generated_component_test.go generated_package_test.go internal/metadata internal/metadatatest)

.DELETE_ON_ERROR:
.PHONY: help build run test check check-generate check-rules generate lint vet tidy test-race test-e2e test-chaos test-soak test-attack test-clients \
	test-browser test-diff check-heavy goldens fuzz bench bench-load deps deps-clients deps-browser screenshot test-all clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1	/p' Makefile | expand -t 18

build: $(COLLECTOR) ## build bin/otelcol-pushgateway

run: $(COLLECTOR) ## build the collector and run it with examples/quickstart.yaml
	@cat examples/quickstart.txt
	@exec $(COLLECTOR) --config examples/quickstart.yaml

test: ## run the tests that need nothing but Go
	go test ./...

check: check-generate tidy lint vet check-rules test-race ## what every commit must pass

LINT := $(GOLANGCI_LINT) run --allow-parallel-runners --config $(CURDIR)/.golangci.yaml
# The import rules of the packages are part of the lint: depguard in .golangci.yaml.
lint: $(GOLANGCI_LINT) ## lint, import rules included
	for m in $(MODULES); do (cd $$m && $(LINT) ./...) || exit 1; done

vet:
	for m in $(MODULES); do (cd $$m && go vet ./...) || exit 1; done

tidy: ## complain if a go.mod or go.sum is not tidy
	for m in $(MODULES) internal/tools; do (cd $$m && go mod tidy -diff) || exit 1; done

check-rules: $(PROMTOOL) ## check and test the rules and alerts in deploy/prometheus
	$(PROMTOOL) check rules --lint=all --lint-fatal $(addprefix deploy/prometheus/,rules.yaml jobs.yaml alerts.yaml)
	$(PROMTOOL) test rules deploy/prometheus/tests.yaml

test-race: ## run the tests of `make test` with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./...

# One package after the other: they look for free ports, and would find the same.
test-e2e: $(COLLECTOR) $(OCB) $(PROMETHEUS) ## run the built collector against a real Prometheus and a real Pushgateway
	cd internal/e2e && COLLECTOR=$(COLLECTOR) OCB=$(OCB) PROMETHEUS=$(PROMETHEUS) \
		go test -p 1 -count=1 -timeout 15m -v $$(go list ./... | grep -v -e /access -e /browser -e /clients -e /jobs)

# The short forms of these three are part of test-e2e. In each of its tests test-chaos kills the collector CHAOS_KILLS times.
CHAOS_KILLS  ?= 15
SOAK_SECONDS ?= 1200

test-chaos: $(COLLECTOR) $(PROMETHEUS) ## kill the collector and its backend again and again, and look for what was answered 200 (3 minutes)
	cd internal/e2e && COLLECTOR=$(COLLECTOR) PROMETHEUS=$(PROMETHEUS) CHAOS_KILLS=$(CHAOS_KILLS) \
		go test -count=1 -timeout 60m -v ./chaos

test-soak: $(COLLECTOR) ## drive the collector for SOAK_SECONDS (20 minutes), and look whether it grows
	cd internal/e2e && COLLECTOR=$(COLLECTOR) SOAK_SECONDS=$(SOAK_SECONDS) go test -count=1 -timeout 120m -v ./soak

# Programs that push, one for each client library. The scripts among them need not be built.
CLIENTS         := $(BIN)/clients
CLIENT_SOURCES  := $(CURDIR)/internal/e2e/clients
CLIENT_PROGRAMS := $(addprefix $(CLIENTS)/,golang victoriametrics cpp node/push.js rust/push)

ATTACK_DURATION ?= 10s
test-attack: $(COLLECTOR) ## let 64 attackers at the collector, for ATTACK_DURATION (10s) with each kind of attack
	cd internal/e2e && COLLECTOR=$(COLLECTOR) ATTACK_DURATION=$(ATTACK_DURATION) go test -count=1 -timeout 60m -v ./attack

test-clients: $(COLLECTOR) $(PROMETHEUS) $(CLIENT_PROGRAMS) | deps-clients ## push with real clients (UPDATE=1 writes docs/clients.md)
	cd internal/e2e && export COLLECTOR=$(COLLECTOR) PROMETHEUS=$(PROMETHEUS) && \
		go test -count=1 -timeout 5m -v ./clients $(if $(UPDATE),-update) && go test -p 1 -count=1 -timeout 5m -v ./jobs ./access

BROWSER         := $(BIN)/browser/main.js
BROWSER_SOURCES := $(wildcard internal/e2e/browser/node/*.js) $(addprefix internal/e2e/browser/node/,package.json package-lock.json .npmrc)

test-browser: $(COLLECTOR) $(BROWSER) | deps-browser ## look at the status page with a browser
	cd internal/e2e && COLLECTOR=$(COLLECTOR) CHROMIUM=$$(command -v chromium) go test -count=1 -timeout 15m -v ./browser

screenshot: $(COLLECTOR) $(BROWSER) | deps-browser ## make docs/images/status-page.png anew
	cd internal/e2e && COLLECTOR=$(COLLECTOR) CHROMIUM=$$(command -v chromium) go test -count=1 -v ./browser -run '^TestScreenshot$$' -screenshot $(CURDIR)/docs/images/status-page.png

test-diff: ## compare the decoders with those of Prometheus, and the translation with prometheusreceiver's
	cd internal/difftest && go test -count=1 -timeout 15m ./...

goldens: ## make testdata/pages/*.want anew with the real prometheusreceiver (minutes)
	cd internal/difftest/prometheusreceiver && go run -tags remove_all_sd . ../../../testdata/pages

check-heavy: $(GOLANGCI_LINT) ## vet and lint what takes minutes to build
	for m in $(HEAVY); do (cd $$m && go mod tidy -diff && go vet -tags remove_all_sd ./... && \
		$(LINT) --build-tags remove_all_sd ./...) || exit 1; done

# A number of inputs, not a time: when a time ends, Go 1.26 may report "context deadline exceeded" as a failure
# (golang/go#75804). Without the last flag Go spends most of the time on making new inputs smaller.
FUZZTIME ?= 100000x
FUZZ     := -run '^$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 20x
fuzz: ## fuzz each target with FUZZTIME inputs (100000x, 3 minutes in all)
	go test ./internal/groupingkey $(FUZZ) -fuzz FuzzParse
	go test ./internal/translate $(FUZZ) -fuzz FuzzBuild
	go test ./internal/persistence $(FUZZ) -fuzz FuzzEntry
	for target in FuzzHandler FuzzDecompress; do go test ./pushgatewayreceiver $(FUZZ) -fuzz $$target || exit 1; done
	cd internal/difftest && for target in FuzzText FuzzOpenMetrics FuzzProtobuf; do \
		go test . $(FUZZ) -fuzz $$target || exit 1; done

bench: ## compare decoding with expfmt, with building the same pdata from ready values, and with OTLP (5 minutes)
	cd internal/difftest && go run ./bench

bench-load: $(COLLECTOR) ## compare the whole server with the otlp receiver, vmagent and the Pushgateway, and without its status page (15 minutes)
	WITH_BENCH=1 .ci/install
	go run ./internal/benchload -collector $(COLLECTOR)
	@echo; echo "The status page, with more rounds, and also with less garbage collection: that is seldom when there is more to keep."
	for gogc in 100 400; do echo; echo "GOGC=$$gogc"; GOGC=$$gogc go run ./internal/benchload -collector $(COLLECTOR) \
		-bodies 2-samples -encodings plain -servers ours,page -rounds 20 || exit 1; done

deps-clients:
	WITH_CLIENTS=1 .ci/install

deps-browser:
	WITH_BROWSER=1 .ci/install

deps: ## install with apt what the tests need beside Go
	.ci/install

test-all: deps ## everything
	$(MAKE) check test test-diff test-e2e test-clients test-browser

generate: ## write the generated code anew
	go generate ./...

check-generate: generate ## complain if the generated code is not what is committed
	git diff --exit-code -- $(GENERATED)

clean: ## remove all that was built
	rm -rf $(BIN)

SOURCES := go.mod go.sum $(shell find internal/exposition internal/groupingkey internal/groups internal/journal internal/persistence internal/translate pushgatewayreceiver \
	-type f -not -name '*_test.go' -not -path '*/testdata/*')

$(COLLECTOR): builder-config.yaml $(SOURCES) $(OCB)
	CGO_ENABLED=0 $(OCB) --config builder-config.yaml
	mv $(BIN)/collector/otelcol-pushgateway $@

$(CLIENTS)/golang $(CLIENTS)/victoriametrics: $(CLIENTS)/%: $(CLIENT_SOURCES)/%/main.go internal/e2e/go.mod
	cd internal/e2e && CGO_ENABLED=0 go build -o $@ ./clients/$*

$(CLIENTS)/cpp: $(CLIENT_SOURCES)/cpp/push.cpp | deps-clients
	mkdir -p $(CLIENTS)
	g++ -std=c++17 -O1 -o $@ $< -lprometheus-cpp-push -lprometheus-cpp-core -lcurl -lz

# Beside the copied program lie its packages, and the sources stay as they are.
$(CLIENTS)/node/push.js: $(addprefix $(CLIENT_SOURCES)/node/,push.js package.json package-lock.json .npmrc) | deps-clients
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

$(BROWSER): $(BROWSER_SOURCES) | deps-browser
	mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --no-audit --no-fund --ignore-scripts
	touch $@

RUST_SOURCES := $(addprefix $(CLIENT_SOURCES)/rust/,Cargo.toml src/main.rs .cargo/config.toml)
# With Debian's compiler and crates, which have no lock file.
$(CLIENTS)/rust/push: $(RUST_SOURCES) | deps-clients
	mkdir -p $(@D)
	cp -r $(CLIENT_SOURCES)/rust/. $(@D)
	cd $(@D) && CARGO_HOME=$(@D)/home /usr/bin/cargo build --offline --target-dir target
	mv $(@D)/target/debug/push $@
	rm -r $(@D)/target

$(OCB):
	$(call install,go.opentelemetry.io/collector/cmd/builder@$(OCB_VERSION))

$(GOLANGCI_LINT):
	$(call install,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION))

$(PROMETHEUS):
	$(call install,-tags remove_all_sd github.com/prometheus/prometheus/cmd/prometheus@$(PROMETHEUS_VERSION))

$(PROMTOOL):
	$(call install,-tags remove_all_sd github.com/prometheus/prometheus/cmd/promtool@$(PROMETHEUS_VERSION))

# install builds a tool and moves it to the target's name.
define install
mkdir -p $@.new
CGO_ENABLED=0 GOBIN=$@.new go install $(1)
mv $@.new/* $@
rmdir $@.new
endef
