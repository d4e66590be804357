# One training job of Cloud Batch: every workload, torchrun, and what they train with.
#   docker build --file infra/images/trainer.Dockerfile .
# PyTorch's wheels bring the CUDA libraries that they were built with: an image of NVIDIA's as BASE would hold them twice,
# and what it does besides for the driver that Batch mounts is done below. TORCH is another build of the same version, by
# its name on the index of PyTorch's own that PIP_EXTRA_INDEX_URL then names: cpu, or an older CUDA's (13 needs driver 580).
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python3 -m venv /tools && python3 -m venv --without-pip /opt/venv
COPY constraints.txt pyproject.toml README.md ./
RUN /tools/bin/pip install --no-cache-dir cyclonedx-bom
ARG TORCH=
ARG PIP_EXTRA_INDEX_URL
RUN if [ -n "$TORCH" ]; then sed -i "s/^torch==.*/&+$TORCH/" constraints.txt; fi
COPY services/trainer/requirements-training.txt services/trainer/
# Libraries alone, of a project that is empty as yet: a layer that stays while only code changes.
RUN mkdir shared infra \
    && /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir \
        --requirement services/trainer/requirements-training.txt dumb-init \
    && /tools/bin/pip --python /opt/venv/bin/python uninstall --yes headrace \
    && /tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
        --output-file /headrace.cdx.json /opt/venv/bin/python
COPY shared shared
COPY services/__init__.py /app/services/
COPY services/trainer /app/services/trainer
RUN /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --target /app . \
    && /opt/venv/bin/python -m compileall -q /app/services

FROM ${BASE}
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin headrace
COPY --from=build /opt/venv /opt/venv
COPY --from=build /headrace.cdx.json /usr/share/sbom/
COPY --from=build /app /app
WORKDIR /app
# Bytecode came with the files: who runs here could not write it.
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Where Batch mounts the machine's driver, and what the container toolkit hands over elsewhere.
ENV PATH=$PATH:/usr/local/nvidia/bin LD_LIBRARY_PATH=/usr/local/nvidia/lib64 \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility GIT_PYTHON_REFRESH=quiet
USER 10001:10001
# Process 1 passes signals on and takes orphans in; Python in its place would ignore SIGTERM until it says otherwise.
ENTRYPOINT ["dumb-init", "--single-child", "--", "python", "-m", "services.trainer.job"]
ARG REVISION=unknown
ARG SOURCE=
ENV HEADRACE_REVISION=${REVISION}
LABEL org.opencontainers.image.title="headrace training" \
    org.opencontainers.image.description="A training job of Headrace: every workload, on one node or several" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.revision="${REVISION}"
