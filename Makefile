# The commands of this project. Each of them installs what it needs first (see scripts/setup).
#
#   make demo     a three-peer shard that loses two primaries under load, and no acknowledged write
#   make up       a shard to play with, until Ctrl-C     (PEERS=3 STORE_NODES=1)
#   make test     every test, by depth
#   make release  the programs to install, in .build-release/release
#   make sim      attack the decisions: random worlds, all small ones, and every rule broken once
#                 (SEEDS=1..100000)
#   make chaos-restore   kill those who take part in restores, at random points; as root, but for
#                 STORAGE=directory (STORAGE=btrfs ROUNDS=20 MEGABYTES=200)
#   make chaos-disk   fill peers' disks to the last byte under load, as root   (STORAGE=btrfs)
#   make screenshots   the pictures of the dashboard in docs/images, by headless Chromium
#   make bench    failovers and steady state beside Patroni's, short; adds a dated table to
#                 docs/benchmarks.md                                (SYSTEMS=manatee,patroni RUNS=3)
#   make bench-proxy   pgbench through the proxy, through HAProxy and directly, in one run
#                      (SECONDS_EACH=5 ROUNDS=5 CLIENTS=8 THREADS=2)
#   make ci       what the continuous integration runs: lint, then test

SWIFT       ?= swift
PEERS       ?= 3
STORE_NODES ?= 1
SEEDS       ?= 1..100000
SYSTEMS     ?= manatee,patroni
RUNS        ?= 3
STORAGE     ?= btrfs
# Programs that need no Swift on their host, and as little memory as can be: the linker leaves out what is
# not used, packs the relocations (glibc 2.36 or newer), and puts side by side what runs at the start.
RELEASE     := $(SWIFT) build -c release --scratch-path .build-release --static-swift-stdlib \
	-Xswiftc -Osize -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld \
	-Xlinker --gc-sections -Xlinker --icf=safe -Xlinker --no-export-dynamic \
	-Xlinker -z -Xlinker pack-relative-relocs \
	-Xlinker --symbol-ordering-file=$(CURDIR)/scripts/function-order -Xlinker --no-warn-symbol-ordering
ROUNDS      ?= 20
MEGABYTES   ?= 200

.PHONY: help setup setup-tests build release demo up test sim chaos-restore chaos-disk bench bench-proxy \
	screenshots lint ci clean \
	test-core test-transcripts test-unit test-simulation test-tidy test-storage test-contract test-integration

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@./scripts/setup

build: setup
	@$(SWIFT) build

release: setup
	@$(RELEASE)

demo: build
	@.build/debug/manatee-dev demo

up: build
	@.build/debug/manatee-dev up --peers $(PEERS) --store-nodes $(STORE_NODES)

setup-tests:
	@./scripts/setup storage routing

test: setup-tests
	@./scripts/test

# One depth: make test-contract
test-core test-transcripts test-unit test-simulation test-tidy test-storage test-contract test-integration: setup-tests
	@./scripts/test $(@:test-%=%)

# Optimised, in a folder of its own, so that it does not disturb the debug build.
sim: setup
	@$(RELEASE) --product manatee-sim
	@.build-release/release/manatee-sim explore --seeds $(SEEDS) --json
	@.build-release/release/manatee-sim exhaust --json
	@.build-release/release/manatee-sim mutate --json

chaos-restore: build setup-tests
	@.build/debug/manatee-dev chaos-restore --storage $(STORAGE) --rounds $(ROUNDS) --megabytes $(MEGABYTES)

chaos-disk: build setup-tests
	@.build/debug/manatee-dev chaos-disk --storage $(STORAGE)

screenshots: setup
	@MANATEE_SCREENSHOTS=$(CURDIR)/docs/images $(SWIFT) test --disable-xctest --filter "ScreenshotTests"

# On a quiet machine; as root, because each node is a network namespace.
bench: setup
	@./scripts/setup bench
	@$(RELEASE)
	@.build-release/release/manatee-bench failover --systems $(SYSTEMS) --runs $(RUNS) --other-runs 1 --hold 20 \
		--json --patroni-programs .bench/patroni/bin --report docs/benchmarks.md
	@.build-release/release/manatee-bench steady --systems $(SYSTEMS) --json \
		--patroni-programs .bench/patroni/bin --report docs/benchmarks.md

bench-proxy: build
	@./scripts/setup routing
	@$(RELEASE) --product manatee-proxy
	@./scripts/bench-proxy

lint:
	@$(SWIFT) format lint --strict --recursive Sources Benchmarks Tests Package.swift
	@for script in $$(grep -lE '^#!.*sh' scripts/* .ci/run); do bash -n "$$script" || exit 1; done

ci:
	@./.ci/run

clean:
	@$(SWIFT) package clean
