# What delivers: gcloud, Terraform, Docker's client and the command line. Cloud Build makes it first and runs its steps in it.
ARG BASE=python:3.11-slim-bookworm
ARG TERRAFORM=hashicorp/terraform:1.11.4
ARG DOCKER=docker:28-cli

FROM ${TERRAFORM} AS terraform
FROM ${DOCKER} AS docker

FROM ${BASE} AS tools
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
RUN apt-get update --quiet \
    && apt-get install --quiet --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*
COPY --from=terraform /bin/terraform /usr/local/bin/
COPY --from=docker /usr/local/bin/docker /usr/local/bin/
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-buildx /usr/local/libexec/docker/cli-plugins/
# The command line's libraries; its code is that of the build's own folder.
WORKDIR /libraries
COPY pyproject.toml constraints.txt README.md ./
RUN python3 -m venv /opt/venv \
    && mkdir shared infra \
    && pip install --no-cache-dir --constraint constraints.txt ".[cli]" \
    && pip uninstall --yes headrace
WORKDIR /workspace
ENV PYTHONPATH=/workspace/shared:/workspace/infra
ENTRYPOINT ["python", "-m", "headrace.cli.main"]

FROM tools
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ADD https://packages.cloud.google.com/apt/doc/apt-key.gpg /etc/apt/keyrings/google.asc
RUN chmod 644 /etc/apt/keyrings/google.asc \
    && echo "deb [signed-by=/etc/apt/keyrings/google.asc] https://packages.cloud.google.com/apt cloud-sdk main" \
        > /etc/apt/sources.list.d/google.list \
    && apt-get update --quiet \
    && apt-get install --quiet --yes --no-install-recommends google-cloud-cli google-cloud-cli-local-extract \
    && rm -rf /var/lib/apt/lists/*
