# One service or job of the platform. SERVICE is its folder in services/: trainer, evaluator, drift, batch_inference or pull.
#   docker build --file infra/images/platform.Dockerfile --build-arg SERVICE=evaluator .
ARG BASE=python:3.11-slim-bookworm
ARG SERVICE=evaluator

FROM ${BASE} AS build
ENV PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python3 -m venv /tools && python3 -m venv --without-pip /opt/venv
COPY constraints.txt pyproject.toml README.md ./
RUN /tools/bin/pip install --no-cache-dir cyclonedx-bom
ARG SERVICE
COPY services/${SERVICE}/requirements.txt services/${SERVICE}/
# Libraries alone, of a project that is empty as yet: a layer that stays while only code changes.
RUN mkdir shared infra \
    && /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir \
        --requirement "services/${SERVICE}/requirements.txt" dumb-init \
    && /tools/bin/pip --python /opt/venv/bin/python uninstall --yes headrace \
    && /tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
        --output-file /headrace.cdx.json /opt/venv/bin/python
COPY shared shared
COPY services/__init__.py /app/services/
COPY services/${SERVICE} /app/services/${SERVICE}
RUN /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --target /app . \
    && /opt/venv/bin/python -m compileall -q /app/services

FROM ${BASE} AS runtime
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin headrace
COPY --from=build /opt/venv /opt/venv
COPY --from=build /headrace.cdx.json /usr/share/sbom/
COPY --from=build /app /app
WORKDIR /app
# Bytecode came with the files: who runs here could not write it.
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001

FROM runtime AS answering
ARG SERVICE
ENV PORT=8080 FUNCTION_TARGET=main FUNCTION_SOURCE=/app/services/${SERVICE}/main.py FUNCTION_SIGNATURE_TYPE=cloudevent
EXPOSE 8080
# Process 1 passes signals on and takes orphans in; Python in its place would ignore SIGTERM until it says otherwise.
ENTRYPOINT ["dumb-init", "--single-child", "--", "functions-framework"]
# Cloud Run has probes of its own and overlooks this one, which is for `docker run`.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['PORT'])), 2)"]

FROM answering AS trainer

FROM answering AS evaluator

FROM runtime AS drift
# What a training costs by estimate, which the week's budget for retraining is held against.
COPY infra/costs/prices.yaml /app/infra/costs/
ENTRYPOINT ["dumb-init", "--single-child", "--", "python", "-m", "services.drift.main"]

FROM runtime AS batch_inference
ENTRYPOINT ["dumb-init", "--single-child", "--", "python", "-m", "services.batch_inference.main"]

FROM runtime AS pull
ENTRYPOINT ["dumb-init", "--single-child", "--", "python", "-m", "services.pull.main"]

FROM ${SERVICE}
ARG SERVICE
ARG REVISION=unknown
ARG SOURCE=
ENV HEADRACE_REVISION=${REVISION}
LABEL org.opencontainers.image.title="headrace ${SERVICE}" \
    org.opencontainers.image.description="A service or job of Headrace, an event-driven MLOps loop" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.revision="${REVISION}"
