# Two commands do everything: `make run` (a demo company on this machine) and `make test`.
.PHONY: run build test check bench shape e2e screenshots tools openapi clean FORCE
SHELL := /bin/bash
APP := web/app
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
APP_SOURCES := $(shell find $(APP)/src $(APP)/index.html $(APP)/*.json $(APP)/*.ts -type f 2>/dev/null)

run: build
	bin/frontdesk demo

build: bin/frontdesk

bin/frontdesk: $(APP)/dist/index.html FORCE
	go build -trimpath -ldflags '-s -w' -o $@ ./cmd/frontdesk

$(APP)/dist/index.html: $(APP)/node_modules/.package-lock.json $(APP_SOURCES)
	cd $(APP) && npm run build

$(APP)/node_modules/.package-lock.json: $(APP)/package-lock.json
	cd $(APP) && npm ci --no-audit --no-fund

# Everything: static checks, all Go tests on both databases with real peers, and the flows in a real browser.
# Phones and browsers in real time share the cores, so their packages run one at a time. The first line only compiles, on all cores.
LIVE := ./sip ./webrtc ./cmd/...
test: tools check build
	go test -race -run '^$$' ./... > /dev/null
	.ci/with-postgres go test -race -p 2 -timeout 15m $$(go list ./... | grep -vxF "$$(go list $(LIVE))")
	.ci/with-postgres go test -race -p 1 -timeout 25m $(LIVE)
	$(MAKE) e2e

check: $(APP)/node_modules/.package-lock.json
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	cd $(APP) && npm run check

e2e: build bin/nats-server
	cd $(APP) && FRONTDESK_BIN=$(CURDIR)/bin/frontdesk $(CURDIR)/.ci/with-postgres npm run e2e

bin/nats-server: go.mod
	go build -o $@ github.com/nats-io/nats-server/v2

# Figures; nothing here can fail for being slow.
bench: tools build
	-go test -count=1 -v -run '^TestFiftyBridgedCalls$$' ./sip
	.ci/with-postgres go test -run '^$$' -bench . -benchmem -timeout 30m ./...
	FRONTDESK_BIN=$(CURDIR)/bin/frontdesk $(APP)/e2e/lossy.sh

# The house in figures: lengths, what climbs within a package, how wide each door is.
shape:
	@go run ./.ci/shape

screenshots: build
	cd $(APP) && FRONTDESK_BIN=$(CURDIR)/bin/frontdesk npm run screenshots

# The API's description and the types made from it.
openapi:
	go run ./cmd/frontdesk openapi > $(APP)/src/api/openapi.json
	cd $(APP) && npm run types

# Installs the peers the tests run against, when missing.
tools:
	.ci/tools

clean:
	rm -rf bin demo-data screenshots $(APP)/node_modules
	find $(APP)/dist -mindepth 1 ! -name .gitkeep -delete
