# make demo and make test set up what they need inside this checkout, beside cargo's and Maven's own caches.
SHELL := /bin/bash
BINARY := target/debug/ecs-bg
NEEDED := git curl cc cargo python java mvn

.PHONY: help demo rehearse test soak bench dist release docs lint clean tools binary

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: binary ## three deployments of Jenkinsfile.example against a stand-in for AWS
	@tests/aws/setup
	@rm -rf target/demo
	@tests/pipeline/run --demo $(BINARY)

rehearse: binary ## REPO=path [SCENARIO=good,errors] [JENKINSFILE=…]: a team's own Jenkinsfile, off-line (docs/rehearsal.md)
	@tests/aws/setup
	@tests/pipeline/run --rehearse $(BINARY)

test: binary ## all suites, within 10 minutes once built
	@tests/run

soak: binary ## what make test has a part of, whole: faults, rates, orders of builds, traffic, pipelines; hours
	@ECS_BG_MATRIX=all tests/run soak traffic-soak pipeline

bench: tools ## this program against the aws command line, measured side by side
	@program=$$(release/build --here) && tests/bench/run "$$program"

dist: ## the static programs of a release, packed and unpacked, with their checksums, in dist/
	@tests/tools-needed cc cargo
	@release/build

release: ## VERSION=1.2.3 [OPTIONS=--with-binaries]: a commit and a tag here, and in dist/ what is uploaded; pushes nothing
	@release/cut $(VERSION) $(OPTIONS)

docs: ## what of docs/, vars/ and resources/ is made from the table of parameters, and the pictures in tests/reports/
	@tests/tools-needed cc cargo
	ECS_BG_DOCS=write INSTA_UPDATE=always cargo test --locked --quiet --bin ecs-bg -- docs:: deployment::tests::each_picture

lint: ## formatting, clippy, and what of ruff and shellcheck is there
	@tests/lint

clean: ## everything that was built or installed inside this checkout
	rm -rf target tests/pipeline/target tests/aws/.venv tests/examples/.venv tests/bench/.venv tests/release/.venv dist

tools:
	@tests/tools-needed $(NEEDED)

# Tests and demo share cargo's dev profile: the SDK is compiled once, in some four minutes on 2 cores.
binary: tools
	cargo build --locked $(if $(CI),--quiet)
