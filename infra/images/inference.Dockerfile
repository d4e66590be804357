# The inference service: ONNX Runtime and what speaks HTTP; nothing that trains, nothing that unpickles.
#   docker build --file infra/images/inference.Dockerfile .
# With --build-arg GPU=yes it runs models on NVIDIA's GPUs too.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python3 -m venv /tools && python3 -m venv --without-pip /opt/venv
COPY constraints.txt pyproject.toml README.md ./
RUN /tools/bin/pip install --no-cache-dir cyclonedx-bom
ARG GPU=
COPY services/inference/requirements*.txt services/inference/
# Libraries alone, of a project that is empty as yet: a layer that stays while only code changes.
RUN mkdir shared infra \
    && /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir \
        --requirement services/inference/requirements.txt dumb-init \
    && /tools/bin/pip --python /opt/venv/bin/python uninstall --yes headrace \
    && if [ -n "$GPU" ]; then \
        /tools/bin/pip --python /opt/venv/bin/python uninstall --yes onnxruntime \
        && /tools/bin/pip --python /opt/venv/bin/python install --no-cache-dir \
            --requirement services/inference/requirements-gpu.txt \
        && mkdir /opt/venv/cuda && ln -s /opt/venv/lib/python3*/site-packages/nvidia/*/lib/*.so* /opt/venv/cuda/; \
    fi \
    && /tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
        --output-file /headrace.cdx.json /opt/venv/bin/python
# What nothing here loads: tests, and what pyarrow and ONNX Runtime bring besides reading Parquet and running models (of
# these the largest is a library for C, which Python's module has in itself once more).
RUN find /opt/venv/lib -regextype posix-extended \( \
        -name tests \
        -o -regex '.*/pyarrow/(include|src|[^/]*flight[^/]*)' \
        -o -regex '.*/onnxruntime/(quantization|tools|transformers|capi/(libonnxruntime\.so.*|.*tensorrt.*))' \
    \) -prune -exec rm -r {} +
COPY shared shared
COPY services/__init__.py /app/services/
COPY services/inference /app/services/inference
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
# Threads that each keep an arena of freed memory would grow the instance; models' own threads come from workload.yaml.
ENV MALLOC_ARENA_MAX=2 OPENBLAS_NUM_THREADS=1
# CUDA's libraries, where they are, and where Cloud Run mounts the driver of a GPU.
ENV LD_LIBRARY_PATH=/opt/venv/cuda:/usr/local/nvidia/lib64
USER 10001:10001
EXPOSE 8080
# Process 1 passes signals on and takes orphans in; Python in its place would ignore SIGTERM until it says otherwise.
ENTRYPOINT ["dumb-init", "--single-child", "--", \
    "python", "-m", "services.inference.main", "--host", "0.0.0.0", "--port", "8080"]
# Cloud Run has probes of its own and overlooks this one, which is for `docker run`.
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/health', timeout=2)"]
ARG REVISION=unknown
ARG SOURCE=
ENV HEADRACE_REVISION=${REVISION}
LABEL org.opencontainers.image.title="headrace inference" \
    org.opencontainers.image.description="The inference service of Headrace: the champion of every workload on ONNX Runtime" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.revision="${REVISION}"
