# The platform: Terraform, delivery from Git, GitHub Actions, cost. `make -f make/platform.mk` runs alone, too.

PLATFORM := scripts/platform
ENVIRONMENT ?= dev
CLUSTER ?= $(if $(SHOP_NAME),$(SHOP_NAME),shop)-$(ENVIRONMENT)
PLATFORM_SETTINGS := ENVIRONMENT=$(ENVIRONMENT) CLUSTER=$(CLUSTER)

.PHONY: plan up down remaining suspend resume bootstrap cost cost-docs
.PHONY: platform-test terraform-test terraform-lint emulator-test kubernetes-check workflow-lint delivery-test

plan: ## show what `up` would do in AWS, and what it would cost
	@$(PLATFORM_SETTINGS) $(PLATFORM)/environment.sh plan

up: ## make the environment ENVIRONMENT in AWS, after showing plan and cost
	@$(PLATFORM_SETTINGS) $(PLATFORM)/environment.sh up

down: ## destroy it, and verify that nothing billable is left
	@$(PLATFORM_SETTINGS) $(PLATFORM)/environment.sh down

remaining: ## list what is left of it in AWS, by tag
	@$(PLATFORM_SETTINGS) $(PLATFORM)/environment.sh remaining

suspend: ## send its pods and nodes to sleep; state and images stay
	@$(PLATFORM)/suspend.sh suspend $(CLUSTER)

resume: ## wake it
	@$(PLATFORM)/suspend.sh resume $(CLUSTER)

bootstrap: ## from an empty cluster CLUSTER to Argo CD syncing this repository
	@$(PLATFORM_SETTINGS) $(PLATFORM)/bootstrap.sh

cost: ## compare what the choices cost a month
	@$(PLATFORM)/estimate.py --scenarios

cost-docs: ## write the tables of docs/cost.md anew
	@python3 $(PLATFORM)/cost_docs.py

platform-test: ## all checks of the platform, or those of PARTS="…"
	@scripts/ensure python
	@$(PLATFORM)/check.sh all $(PARTS)

terraform-lint: ## format, validity and checkov of terraform/
	@$(PLATFORM)/check.sh terraform-lint

terraform-test: ## the modules' logic, with a mocked provider
	@$(PLATFORM)/check.sh terraform-test

emulator-test: ## apply and destroy against an emulator of AWS
	@$(PLATFORM)/check.sh emulator

kubernetes-check: ## build and validate every manifest below k8s/
	@$(PLATFORM)/check.sh kubernetes

workflow-lint: ## GitHub's workflows, the scripts behind them, the Dockerfile
	@$(PLATFORM)/check.sh workflows

delivery-test: ## changed modules, digests, estimates, scripts against a cluster
	@$(PLATFORM)/check.sh delivery
