# Every target does its own set-up in .venv; nothing is installed anywhere else.

# The newest Python from 3.11 on that is at hand; `make PYTHON=... demo` chooses another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help browser demo test faults chaos fuzz check format lock wheel bench gallery personas styles screenshots catalogs clean

help:  ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "scene-art needs Python 3.11 or newer, and none was found on the PATH." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# Without any browser the tests that need one say so and are skipped.
$(VENV)/.browser: requirements-browser.txt | $(VENV)/.dev
	-@$(BIN)/python -m tools.chromium
	@touch $@

browser: $(VENV)/.dev  ## find a Chromium for the tests of the sandbox's page, or download one into .venv
	$(BIN)/python -m tools.chromium
	@touch $(VENV)/.browser

demo: $(VENV)/.runtime  ## watch a game being illustrated: no keys, no Discord, no Redis
	$(BIN)/python -m demo

test: $(VENV)/.dev $(VENV)/.browser  ## run the whole suite
	$(BIN)/python -m pytest -n 3 --dist loadfile

faults: $(VENV)/.dev  ## kill, freeze and cut off real processes, on a real Redis (minutes)
	$(BIN)/python -m pytest tests/faults -n 6

check: $(VENV)/.dev  ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## measure: delivery, the storyboard painter, memory under hostile pictures, the recap
	$(BIN)/python benchmarks/delivery.py
	$(BIN)/python benchmarks/storyboard.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/recap.py

chaos: $(VENV)/.dev  ## kill bots and Redis at random over two hundred turns (minutes)
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

wheel: $(VENV)/.dev  ## build the installable package into dist/
	$(BIN)/python -m hatchling build -t wheel

lock: $(VENV)/.dev  ## pin the dependencies anew (needs the network)
	$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements-dev.txt
	echo playwright | $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links - -o requirements-browser.txt

clean:  ## remove what the other targets made
	rm -rf $(VENV) dist demo-pictures .pytest_cache .mypy_cache .ruff_cache .hypothesis fuzz-findings
