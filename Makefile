# The shop on one machine. The first run installs what is missing into .local; nothing lies anywhere else.
PYTHON ?= python3
SERVICE ?= order
SEEDS ?= 220
RATE ?= 10
SIZE ?= plan
SEED ?= 1
EXAMPLES ?= 100
CLIENTS ?= 50
SECONDS ?= 60
SHOP = $(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m local
IF_INSTALLED = test -d .local/venv || { echo "Nothing was ever started here."; exit; };

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

install: ## install what the shop needs into .local
	@$(PYTHON) local/bootstrap.py

demo: ## start everything and walk an order through the shop, step by step
	@$(SHOP) demo

up: ## start everything that does not run
	@$(SHOP) up

down: ## stop everything; what it keeps stays in .local
	@$(IF_INSTALLED) $(SHOP) down

status: ## tell what runs, and where
	@$(IF_INSTALLED) $(SHOP) status

watch: ## tell what happens in the shop, as it happens; for one order at /live
	@$(SHOP) watch

logs: ## show the last lines of every log
	@$(IF_INSTALLED) $(SHOP) logs

redrive: ## send dead letters back to their queues: docs/runbooks/dead-letters.md says when
	@$(SHOP) redrive

rotate: ## give the running shop new passwords and keys: docs/runbooks/rotate-secrets.md tells the rest
	@$(SHOP) rotate

local: ## serve one service with 'chalice local': make local SERVICE=product
	@$(SHOP) serve $(SERVICE)

localstack: ## start LocalStack, which AWS_ENDPOINT_URL may put in the emulator's place
	@$(SHOP) localstack

test: ## run every check and test
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/tox run-parallel --parallel 3 --parallel-no-spinner

hostile: ## attack a shop of its own in all ways that are known, and count: docs/security.md
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m pytest tests/e2e/hostile -q

load: ## let many customers use a shop of its own, and its stores fail: make load CLIENTS=50 SECONDS=60
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m pytest tests/e2e/test_load.py -q -s \
		--clients $(CLIENTS) --load-seconds $(SECONDS)

fuzz: ## send a shop of its own what a fuzzer thinks of: make fuzz SEED=2 EXAMPLES=300
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m pytest tests/e2e/hostile/test_fuzz.py -q \
		--fuzz-seed $(SEED) --examples $(EXAMPLES)

audit: ## ask whether a locked package has a known vulnerability
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/tox run -q -e audit

faults: ## let faults rain on simulated shops: make faults SEEDS=1000
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m pytest tests/faults/test_books.py -q --seeds $(SEEDS)

bench: ## measure the shop against the least that its work could cost: make bench ONLY=search FULL=1
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(FULL),--full)

simulate: ## tell what limits the shop on AWS at so many orders a second: make simulate RATE=10 SIZE=plan
	@$(PYTHON) local/bootstrap.py && exec .local/venv/bin/python -m benchmarks.simulation $(RATE) $(SIZE)

package: ## make of each service what Terraform deploys, in terraform/services
	@$(SHOP) package

contracts: ## write docs/api from the code, and tell whom a change breaks
	@$(SHOP) contracts

new-service: ## lay out a service that hears of every payment: make new-service NAME=loyalty
	@$(SHOP) new-service "$(NAME)"

pins: ## lock versions and hashes anew, for what pyproject.toml asks for
	@$(SHOP) pins

clean: ## stop everything and delete all that .local holds
	@test ! -x .local/venv/bin/python || .local/venv/bin/python -m local down
	@rm -rf .local .tox
