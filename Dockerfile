# bot.py with scene-art. compose.yaml runs it beside a Redis; docs/hosts.md says what of this was tried.
ARG PYTHON=3.11
FROM python:${PYTHON}-slim

WORKDIR /app
# The complete lock, as the Makefile installs it: nothing is resolved, nothing is built.
COPY requirements.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r requirements.txt
RUN python -m pip check --disable-pip-version-check
COPY bot.py LICENSE ./
COPY cogs ./cogs
# The container runs with a read-only root, where Python cannot do this itself.
RUN python -m compileall -q bot.py cogs

ENV PYTHONUNBUFFERED=1 TMPDIR=/tmp HEALTH_FILE=/tmp/scene-art.healthy
USER 10001:10001
# bot.py touches the file every five seconds while it is connected to Discord and hears the game's events.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD test "$(find "$HEALTH_FILE" -mmin -1)"
CMD ["python", "bot.py"]
