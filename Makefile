# Three commands do everything: `make run` (a demo company on this machine), `make quick` (what a change touches) and `make test` (everything).
.PHONY: run build quick test compiled packages live check gocheck appcheck bench rivals soak shape e2e screenshots tools openapi deb container clean FORCE
SHELL := /bin/bash
export GOFLAGS += -trimpath
APP := web/app
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
APP_SOURCES := $(shell find $(APP)/src $(APP)/index.html $(APP)/*.json $(APP)/*.ts -type f 2>/dev/null)

run: build
	bin/frontdesk demo

build: bin/frontdesk

bin/frontdesk: $(APP)/dist/index.html FORCE
	go build -ldflags '-s -w' -o $@ ./cmd/frontdesk

$(APP)/dist/index.html: $(APP)/node_modules/.package-lock.json $(APP_SOURCES)
	cd $(APP) && npm run build

$(APP)/node_modules/.package-lock.json: $(APP)/package-lock.json
	cd $(APP) && npm ci --no-audit --no-fund

# What a change since main touches, on SQLite and without slow peers.
quick: $(APP)/node_modules/.package-lock.json
	.ci/quick

# The race detector takes half of the time for SQLite, whose memory is not Go's, and for deflate, and finds nothing in either. No package that
# has copies of generic code may be added, as modernc.org/libc has: the linker may take such a copy for everybody, and sync.Map seems to race.
# Nor are the pointers into that memory Go's: what -race looks for in each (checkptr) is a tenth of the time of a test on SQLite.
RACE := -race -gcflags=compress/flate=-race=false -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/memory=-race=false \
  -gcflags=modernc.org/libc=-d=checkptr=0 -gcflags=modernc.org/sqlite=-d=checkptr=0
TIMES := bin/times
GOTEST := go run ./.ci/gotest -times $(TIMES) -vet=off '-ldflags=-s -w'
LIVE := ./sip/... ./webrtc/... ./cmd/...
# The shell's words for the packages that are not live: where no goroutines meet nothing can race, which takes a third of the time.
SPLIT := set -eo pipefail; live="$$(go list $(LIVE))"; alone="$$(go run ./.ci/gotest -alone ./... | grep -vxF "$$live")"; \
  together="$$(go list ./... | grep -vxF "$$live" | grep -vxF "$$alone")"
# Before a command: says at its end what it took.
TIMED = TIMEFORMAT='$@: %0lR, of the processor %0lU and %0lS for the system'; time

# Everything: static checks, all Go tests on both databases with real peers, and the flows in a real browser. What only compiles comes first.
# Then one part after the other: beside anything else, on two cores, real time leaves one of its tests behind.
test: tools
	@mkdir -p bin && rm -f $(TIMES)
	$(MAKE) -j2 --output-sync=target check build bin/nats-server compiled
	.ci/with-postgres $(MAKE) live packages
	$(MAKE) e2e
	@go run ./.ci/gotest -slowest $(TIMES)

# The workplace is embedded: it must not be replaced meanwhile.
compiled gocheck: | $(APP)/dist/index.html

# A program with the race detector sleeps a second before it ends, for what might still be found: ours end when their goroutines have.
live packages: export GORACE := atexit_sleep_ms=0

# What compiles, links or checks is done sooner when it collects less garbage.
build compiled gocheck: export GOGC := 400

compiled:
	@$(SPLIT); $(TIMED) go list -test -export $(RACE) $$together $$live > /dev/null

# They wait for databases, peers and clocks more than they reckon: more of them at once than there are cores.
packages:
	@$(SPLIT); $(TIMED) $(GOTEST) -p 5 -timeout 20m $$alone
	@$(SPLIT); $(TIMED) $(GOTEST) $(RACE) -p 5 -timeout 20m $$together

# Mostly waits in real time: several packages, and several tests of each, at once.
live:
	@$(TIMED) $(GOTEST) $(RACE) -p 3 -parallel 3 -timeout 25m $(LIVE)

check: gocheck appcheck

gocheck:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }
	go vet ./... ./.ci/gotest ./.ci/rivals ./.ci/shape
	go test -vet=off ./.ci/gotest ./.ci/rivals ./.ci/shape
	go run ./.ci/shape -check
	go run $(STATICCHECK) ./...

appcheck: $(APP)/node_modules/.package-lock.json
	@cd $(APP) && $(TIMED) npm run check

e2e: build bin/nats-server
	@cd $(APP) && export FRONTDESK_BIN=$(CURDIR)/bin/frontdesk && $(TIMED) $(CURDIR)/.ci/with-postgres npm run e2e

bin/nats-server: go.mod
	go build -o $@ github.com/nats-io/nats-server/v2

# Figures; nothing here can fail for being slow.
bench: tools build
	-.ci/livekit
	-go test -count=1 -v -run '^TestFiftyBridgedCalls$$' ./sip
	.ci/with-postgres go test -run '^$$' -bench . -benchmem -timeout 30m ./...
	FRONTDESK_BIN=$(CURDIR)/bin/frontdesk $(APP)/e2e/lossy.sh

# One table of what has a rival or an aim: ours on both databases beside the rivals that this machine has.
rivals: tools
	-.ci/livekit
	.ci/with-postgres go run ./.ci/rivals

# The program at work for as long as SOAK says: a hundred calls, five new ones a second, four meetings. It must end as it began; what it took on the
# way is a picture.
SOAK ?= 1h
soak: tools
	.ci/with-postgres env FRONTDESK_SOAK=$(SOAK) FRONTDESK_SOAK_PICTURE=$(CURDIR)/docs/images/soak.svg \
	  go test -run '^$$' -bench '^BenchmarkSoak$$' -benchtime 1x -timeout 0 ./cmd/frontdesk

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

# The Debian package, bin/frontdesk.deb: the program, its unit, user and folders, the configuration, dashboards and alerts.
NFPM := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
deb: build
	ARCH=$$(go env GOARCH) VERSION=$$(bin/frontdesk version | sed 's/^devel$$/0.0.0-devel/') \
	  go run $(NFPM) package --config configs/deb/nfpm.yaml --packager deb --target bin/frontdesk.deb

# A container of it, by podman, buildah or docker.
container: deb
	@tool=$$(command -v podman || command -v docker) || { echo "install podman or docker first"; exit 1; }; \
	$$tool build -t frontdesk -f configs/Containerfile .

clean:
	rm -rf bin demo-data screenshots $(APP)/node_modules
	find $(APP)/dist -mindepth 1 ! -name .gitkeep -delete
