# The image of the studio and of its Spark Connect server.
#   docker build --build-arg BASE_IMAGE=… --build-arg PACKAGE_INDEX=https://mirror/simple .
ARG BASE_IMAGE=python:3.11-slim-bookworm
FROM ${BASE_IMAGE}

# Where Python packages come from; empty: the default index.
ARG PACKAGE_INDEX=
ARG UV_VERSION=0.13.9

WORKDIR /app
COPY pyproject.toml uv.lock ./
# Requirements with hashes from the lock: a mirror must serve the same files, whatever its address.
RUN set -e; \
    if [ -n "$PACKAGE_INDEX" ]; then export PIP_INDEX_URL="$PACKAGE_INDEX" UV_DEFAULT_INDEX="$PACKAGE_INDEX"; fi; \
    python -m venv .venv; \
    .venv/bin/pip install --quiet --no-cache-dir uv==$UV_VERSION; \
    .venv/bin/uv export --frozen --no-dev --no-emit-project --output-file /tmp/requirements.txt; \
    VIRTUAL_ENV=/app/.venv .venv/bin/uv pip install --no-cache --compile-bytecode \
        --require-hashes --requirement /tmp/requirements.txt; \
    rm /tmp/requirements.txt

COPY . .
# Our own package last, so that a change of the code does not download everything again.
RUN set -e; \
    if [ -n "$PACKAGE_INDEX" ]; then export UV_DEFAULT_INDEX="$PACKAGE_INDEX"; fi; \
    VIRTUAL_ENV=/app/.venv .venv/bin/uv pip install --no-cache --no-deps --editable .; \
    .venv/bin/python -m compileall -q studio components; \
    useradd --uid 10001 --create-home studio; \
    install -d -o studio -g studio /data

ENV STUDIO_HOME=/data PATH=/app/.venv/bin:$PATH
USER studio
VOLUME /data
CMD ["studio", "serve"]
