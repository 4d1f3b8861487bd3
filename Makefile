# One command for a person and for CI; `make help` lists them all.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PY := .venv/bin/python
CDK := node_modules/.bin/cdk
UV := .venv/bin/uv

# Where the local service listens: `make run FRONT_DOOR_PORT=9000` (local/ports.py has the defaults). Likewise ATOM_LITELLM_PRICES_URL,
# ATOM_OPENROUTER_MODELS_URL, ATOM_GENAI_PRICES_URL, ATOM_MODELS_DEV_URL, ATOM_ARENA_ROWS_URL, ATOM_PROVIDER_BASE_URLS and ATOM_DECLARED_PROVIDERS, from the environment or from here, point it elsewhere.
FRONT_DOOR_PORT ?=
# PROVIDERS=fake starts stand-ins of the providers (on STAND_IN_PORT), for trying calls without any key.
EMULATOR_PORT ?=
STAND_IN_PORT ?=
PROVIDERS ?=
export FRONT_DOOR_PORT EMULATOR_PORT STAND_IN_PORT PROVIDERS

export PYTHONPATH := .:shared
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

UNIT_TESTS := tests/unit tests/functions tests/architecture tests/infra
TEST_WORKERS ?= 2
PYTEST_ARGS ?=
DAYS_ARGS ?=
FREEZE_ARGS ?=
IAM_ARGS ?=
RECOVERY_ARGS ?=
DEADLINES_ARGS ?=
FUZZ_ARGS ?=
TOKENS_ARGS ?=
SMOKE_ARGS ?=
MEMORY_ARGS ?=
CONTRACT_ARGS ?=
DYNAMODB_LOCAL_DIR ?=
export DYNAMODB_LOCAL_DIR
# The CDK names a role's policies among what a function depends on, beside the role itself, which cfn-lint finds too much.
CFN_LINT_ARGS := --ignore-checks W3005 --template

.PHONY: $(shell grep -oE '^[a-z0-9-]+:' $(firstword $(MAKEFILE_LIST)) | tr -d :)

help: ## this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## what this clone needs: .venv, .venv-emulator, .venv-lambda, node_modules (also the console's); only what changed is done again
	@python="$$(sh local/find-python.sh)" && "$$python" -m local.workspace

# ---------------------------------------------------------------- on this machine

run: possible-ports setup ## the whole service on this machine; Ctrl-C stops it and keeps its data (PROVIDERS=fake, FRONT_DOOR_PORT=, …)
	@echo "• Starting the service; the first start takes a minute or two, Ctrl-C stops it"
	@exec $(PY) -m local.run

possible-ports:
	@python="$$(sh local/find-python.sh)" && "$$python" -m local.ports

# What a target of one file is without it: a sentence, before anything is set up.
named-file:
	@[ -n "$(FILE)" ] || { echo "Say which file: make $(firstword $(MAKECMDGOALS)) FILE=… (make help says what it holds)." >&2; exit 1; }
	@[ -r "$(FILE)" ] || { echo "There is no file $(FILE) that can be read." >&2; exit 1; }

cases: named-file setup ## price every case of FILE=cost_cases.json and compare
	@$(PY) -m local.cases $(FILE)

bodies: named-file setup ## cost answers as providers sent them, FILE=bodies.json, and compare with what is expected of them
	@$(PY) -m local.bodies $(FILE)

price-keys: named-file setup ## list the new keys of a price file by the money they move, FILE=model_prices….json BASE=an older one
	@$(PY) -m local.price_keys $(FILE) $(BASE)

names: setup ## map a leaderboard's names onto a catalogue and judge, BOARD=….json|csv CATALOGUE=….json GOLDEN=….json
	@$(PY) -m local.names $(BOARD) $(CATALOGUE) $(GOLDEN)

seed: named-file setup ## make the package's seed catalogue from a price file, FILE=model_prices….json DATE=YYYY-MM-DD
	@$(PY) -m local.seed $(FILE) $(DATE)

seed-quality: setup ## make the package's quality set from a leaderboard, FILE=board.json DATE=YYYY-MM-DD
	@$(PY) -m local.seed_quality $(FILE) $(DATE)

frontier: setup ## draw docs/frontier.svg, quality over price, from the packaged prices and scores
	@$(PY) -m local.frontier

proof: named-file setup ## compute a call's cost again, FILE=the answer of GET /api/byok/usage/calls/{id}
	@$(PY) -m local.proof $(FILE)

focus: named-file setup ## have FOCUS's own validator judge FILE=focus.csv, and write focus.parquet beside it (Python 3.12)
	@$(PY) -m local.focus $(FILE)

bench: setup ## measure, and print the table of docs/performance.md (BENCH_ARGS=--write puts it there)
	@$(PY) -m benchmarks $(BENCH_ARGS)

bench-savings: setup ## a day of mixed traffic under auto, and under one frontier model (BENCH_ARGS=--write)
	@$(PY) -m benchmarks.savings $(BENCH_ARGS)

bench-gateways: setup ## ours beside Ferro, LiteLLM, Portkey, TensorZero and an earlier build (eight minutes; BENCH_ARGS=--write)
	@$(PY) -m benchmarks.gateways $(BENCH_ARGS)

bench-budgets: setup ## calls under one hard budget beside an earlier build, and what five levels add (five minutes; BENCH_ARGS=--write)
	@$(PY) -m benchmarks.budgets $(BENCH_ARGS)

bench-growth: setup ## what grows with a deployment at three sizes each; fails where a curve is steeper than it says
	@$(PY) -m benchmarks.growth

bench-reconcile: setup ## a month of a million calls matched with a provider's bill, on the emulator
	@$(PY) -m benchmarks.reconciliation

bench-tiers: setup ## how often and how fast prompts are classified (BENCH_ARGS=--write puts it into docs/tiers.md)
	@$(PY) -m benchmarks.tiers $(BENCH_ARGS)

# ---------------------------------------------------------------- checks

test: CLOCK_READS := -p testing.clock_reads --clock-reads build/clock-reads.txt
# The last two mostly wait for emulators of their own, so they run side by side.
test: lint types unit day nag ## every check there is; CI runs this
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target integration e2e

lint: setup ## style, and the direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	cd console && node_modules/.bin/biome check --error-on-warnings

format: setup ## what lint can mend by itself
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	cd console && node_modules/.bin/biome check --write

types: setup ## mypy and TypeScript, strict
	$(PY) -m mypy
	console/node_modules/.bin/tsc --project console

console-types: setup ## write the console's types from our OpenAPI documents, after a change of a route
	@$(PY) -m local.console.types

structure: setup ## measure the shape of the code, write the table of docs/architecture.md, fail where it is not met (STRUCTURE_ARGS=--builds)
	@$(PY) -m local.structure $(STRUCTURE_ARGS)

unit: setup ## tests that need nothing but Python and Node
	$(PY) -m pytest -n $(TEST_WORKERS) --dist loadfile $(UNIT_TESTS) $(CLOCK_READS) $(PYTEST_ARGS)

days: setup ## the unit tests on the dates that hurt, under libfaketime (DAYS_ARGS="--day east": on that one)
	@$(PY) -m local.days --workers $(TEST_WORKERS) $(DAYS_ARGS) $(UNIT_TESTS)

day: setup ## on the one whose turn it is today: the tests that read the clock, by what `make test` noted
	@$(PY) -m local.days --workers $(TEST_WORKERS) --turn $(UNIT_TESTS)

integration: setup ## adapters against the emulator
	$(PY) -m pytest tests/contract -m "not thorough" $(PYTEST_ARGS)

e2e: setup browser ## the real stacks on the emulator, the console in Chromium, and functions under AWS's own runtime client
	$(PY) -m pytest tests/runtime tests/e2e -m "not thorough" $(PYTEST_ARGS)

browser: setup ## Chromium, for `make e2e`: found on this machine, else installed where this is a Debian's root
	@$(PY) -m local.console.browser

nag: assets ## synthesise every environment; a finding of cdk-nag or of cfn-lint fails it
	@for env in dev staging prod; do \
		echo "cdk synth $$env"; \
		$(CDK) synth --quiet --no-notices -c env=$$env -c arch=arm64 --output build/cdk.out-$$env || exit 1; \
	done
	@echo "cfn-lint" && .venv/bin/cfn-lint $(CFN_LINT_ARGS) $(foreach env,dev staging prod,build/cdk.out-$(env)/*.template.json)

holds: setup ## 40,000 requests with any options at every provider: the worst bill against what was held (a minute)
	@$(PY) -m local.structure.hold_table
	@$(PY) -m tests.drills.holds

tokens: setup ## 10,000 forged tokens of every kind before the check of tokens; one that is let in fails (TOKENS_ARGS="--seed 7 --tokens 10000")
	@$(PY) -m tests.drills.forged_tokens $(TOKENS_ARGS)

fuzz: setup ## 100,000 bad inputs of every kind against the front door in processes of its own (FUZZ_ARGS="--seed 7 --inputs 100000")
	@$(PY) -m tests.drills.fuzz $(FUZZ_ARGS)

handover: setup ## conversations handed from each provider to each other, tools and thinking in their history
	@$(PY) -m testing.handover

storm: setup ## the money path's drills in full: races, crash schedules, the matrices of faults, canaries (minutes)
	@$(PY) -m tests.drills

faults: setup ## sixteen faults of a provider against the front door, streamed, by default and held back (FAULTS_ARGS=--write)
	@$(PY) -m tests.drills.provider_faults $(FAULTS_ARGS)

deadlines: setup ## the longest that any fault of a provider keeps a caller past its deadline (DEADLINES_ARGS=--write)
	@$(PY) -m tests.drills.deadlines $(DEADLINES_ARGS)

recovery: setup ## a provider that fails for 45 s under live traffic and recovers, and one that flaps (RECOVERY_ARGS=--write)
	@$(PY) -m tests.drills.recovery $(RECOVERY_ARGS)

lambda: setup ## functions under AWS's own runtime client, with the built layers and the template's handlers
	@$(PY) -m pytest tests/runtime $(PYTEST_ARGS)

memory: setup ## what calls of chat need of memory and take with its share of a core, by control groups (root; minutes; MEMORY_ARGS="192 256")
	@$(PY) -m tests.runtime.memory $(MEMORY_ARGS)

contract-on-local: setup ## the contract tests on AWS's DynamoDB Local, DYNAMODB_LOCAL_DIR=a copy whose terms you have accepted (needs a JRE)
	@$(PY) -m tests.runtime.on_dynamodb_local $(CONTRACT_ARGS)

iam: setup ## what every function asks AWS for compared with what its role may do: nothing missing, nothing unused (minutes)
	@$(PY) -m tests.runtime.permissions $(IAM_ARGS)

freeze: setup ## every kind of answer under AWS's runtime client, frozen and killed at the next poll (minutes; FREEZE_ARGS=--write)
	@$(PY) -m tests.runtime $(FREEZE_ARGS)

# ---------------------------------------------------------------- a real account

ENV ?=
CDK_TARGET = -c env=$(ENV) -c arch=arm64 --output build/cdk.out-$(ENV) --all

named-environment:
	@case "$(ENV)" in dev|staging|prod) ;; *) echo "Say which environment: ENV=dev, ENV=staging or ENV=prod." >&2; exit 1;; esac

assets: setup
	@$(PY) -m infra.build_assets --arch arm64

.PHONY: clients browser console-types
clients: setup ## unmodified clients against the front door, each in its own environment (minutes; CLIENTS_ARGS="llm haystack", or --write)
	@$(PY) -m tests.clients $(CLIENTS_ARGS)

reference: setup ## the OpenAPI document of the whole service, as build/reference/openapi.json
	@$(PY) -m local.reference

examples: setup ## take the tour of a running `make run PROVIDERS=fake` and keep its examples for the reference, URL=… KEY=…
	@$(PY) -m local.reference.record $(URL) $(KEY)

client: setup ## generate a client of Python and one of TypeScript from the document (build/client), and call ten operations with each
	@$(PY) -m tests.clients.generated

audit: setup ## licences of what is deployed, its bills of materials (build/sbom), and the assets built twice and compared
	@$(PY) -m local.audit

bill: named-environment assets ## what the stacks cost by AWS's list prices: idle, a million calls, a tenant, ENV=dev|staging|prod
	@$(CDK) synth --quiet --no-notices -c env=$(ENV) -c arch=arm64 --output build/cdk.out-$(ENV) >/dev/null
	@$(PY) -m local.bill $(ENV) build/cdk.out-$(ENV)

reached-account: named-environment setup
	@$(PY) -m local.account.reached

diff: reached-account assets ## what deploy would change, ENV=dev|staging|prod
	$(CDK) diff $(CDK_TARGET)

deploy: reached-account assets ## put the stacks into the account of your AWS credentials, ENV=dev|staging|prod
	$(CDK) deploy $(CDK_TARGET)

smoke: setup ## try what is deployed with a tenant of its own, from a key to an alarm, ENV=dev|staging|local (DEPLOYED=1: as it is; SMOKE_ARGS=)
	@$(PY) -m local.smoke "$(ENV)" $(if $(DEPLOYED),--deployed) $(SMOKE_ARGS)

admin-key: setup ## make the operator's tenant if there is none, and print a new admin key of it, ENV=dev|staging|prod|local
	@$(PY) -m local.account.admin_key $(ENV)

apply: setup ## bring tenants to what FILE=budgets.yaml declares, ENV=dev|staging|prod|local; YES=1 does it, without it the plan is printed
	@$(PY) -m local.account.apply "$(ENV)" "$(FILE)"

rotate-pepper: setup ## a new pepper for service keys, ENV=…; STATUS=1: where that stands; RETIRE=1 (DESPITE_KEYS=1): the end of the old one
	@$(PY) -m local.account.rotate_pepper $(ENV) $(if $(STATUS),--status) $(if $(RETIRE),--retire) $(if $(DESPITE_KEYS),--despite-keys)

move-secrets: setup ## bring tenants' provider keys into the vault that the environment names; may be begun again, ENV=…
	@$(PY) -m local.account.move_secrets $(ENV)

destroy: reached-account assets ## take the stacks away (tables and keys that are retained stay), ENV=dev|staging|prod
	$(CDK) destroy $(CDK_TARGET)
	@$(PY) -m local.account.left_secrets $(ENV)

# ---------------------------------------------------------------- upkeep

lock: setup ## add what is new to requirements/*.txt (with hashes, without addresses) and package-lock.json (LOCK_ARGS=--upgrade: the newest of all)
	@$(PY) -m local.lock $(LOCK_ARGS)

clean: ## forget what was built and cached; the data of `make run` stays (it is in .local/state)
	rm -rf build cdk.out .local/logs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf .venv .venv-emulator .venv-lambda node_modules console/node_modules
