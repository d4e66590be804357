"""A database and a bucket in; MLflow's server with its webhooks registered out.

The server's own application runs in this process, on one worker: its command line starts two processes more, takes
twice the memory and longer to start, and several workers would each keep a webhook cache and a key of their own.
"""

import argparse
import threading

import uvicorn

from headrace import logs, settings
from services.mlflow import webhooks

VARIABLE = settings.VARIABLES["mlflow_database"]


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m services.mlflow.main", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--database", help=f"sqlite:///… or postgresql+psycopg2://…; default: ${VARIABLE}")
    parser.add_argument("--hook", required=True, help="the address of the registry hook")
    options = parser.parse_args()
    where = settings.load("webhook_secret", *([] if options.database else ["mlflow_database"]))
    logs.configure(where.project, "mlflow")  # it says there what it could not deliver
    database = options.database or where.mlflow_database
    settings.export(_server_variables(database, f"gs://{where.bucket('models')}"))
    _make_tables(database)
    server = f"http://127.0.0.1:{options.port}"
    registering = threading.Thread(
        target=webhooks.register, args=(server, options.hook, where.webhook_secret), daemon=True
    )
    registering.start()
    uvicorn.run("mlflow.server.fastapi_app:app", host=options.host, port=options.port, log_level="warning")


def _make_tables(database: str) -> None:
    """Before the first request: two that came at once would both make them, and leave neither whole."""
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(database, database, "mlflow-artifacts:/")


def _server_variables(database: str, artifacts: str) -> dict[str, str]:
    """What `mlflow server` would pass to its workers."""
    return {
        "_MLFLOW_SERVER_FILE_STORE": database,
        "_MLFLOW_SERVER_REGISTRY_STORE": database,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": artifacts,
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_WEBHOOK_CACHE_TTL": "1",
    }


if __name__ == "__main__":
    main()
