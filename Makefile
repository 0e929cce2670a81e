# make demo and make test set up what they need inside this checkout, beside cargo's and Maven's own caches.
SHELL := /bin/bash
BINARY := target/debug/ecs-bg
# as vars/ecsBg.groovy looks for it
BUNDLED := ecs-bg-$(shell uname -s | tr A-Z a-z)-$(shell uname -m | sed 's/^amd64$$/x86_64/; s/^arm64$$/aarch64/')
NEEDED := git cc cargo python java mvn

.PHONY: help demo test soak bench dist docs lint clean tools binary

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: binary ## three deployments of Jenkinsfile.example against a stand-in for AWS
	@tests/aws/setup
	@rm -rf target/demo
	@tests/pipeline/run --demo $(BINARY)

test: binary ## all suites, within 10 minutes once built
	@tests/run

soak: binary ## what make test has a part of, whole: faults, rates, orders of builds, traffic, pipelines; hours
	@ECS_BG_MATRIX=all tests/run soak traffic pipeline

bench: tools ## this program against the aws command line, measured side by side
	cargo build --locked --profile dist --quiet
	@tests/bench/run target/dist/ecs-bg

# A release's tag adds these files (git add -f); elsewhere they stay out of the repository.
dist: ## the binary of a release and its checksum, in resources/bin/
	@tests/tools-needed cc cargo
	cargo build --locked --profile dist
	install -m 755 target/dist/ecs-bg resources/bin/$(BUNDLED)
	cd resources/bin && sha256sum ecs-bg-* > checksums.txt

docs: ## what of docs/, vars/ and resources/ is made from the table of parameters
	@tests/tools-needed cc cargo
	ECS_BG_DOCS=write INSTA_UPDATE=always cargo test --locked --quiet --bin ecs-bg docs::

lint: ## formatting, clippy, and what of ruff and shellcheck is there
	@tests/lint

clean: ## everything that was built or installed inside this checkout
	rm -rf target tests/pipeline/target tests/aws/.venv tests/examples/.venv tests/bench/.venv

tools:
	@tests/tools-needed $(NEEDED)

# Tests and demo share cargo's dev profile: the SDK is compiled once, in some four minutes on 2 cores.
binary: tools
	cargo build --locked $(if $(CI),--quiet)
