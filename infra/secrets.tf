# Values are made here and written past the state, or given by a person; no plan and no state holds one.

locals {
  # Variables by the ephemeral value that they get.
  made = {
    HEADRACE_WEBHOOK_SECRET = "signature"
    # Fernet's form: 32 bytes in base64 for URLs.
    MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY = "fernet"
  }
  # The secret with each database's address.
  databases = local.cloudsql ? { mlflow = "headrace-mlflow-database", studies = "headrace-studies-url" } : {}
}

ephemeral "random_password" "made" {
  for_each = local.made

  length  = 32
  special = false
}

resource "google_secret_manager_secret" "each" {
  for_each = toset(concat(values(module.wiring.secret_ids), values(local.databases)))

  secret_id = each.value

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}

resource "google_secret_manager_secret_version" "made" {
  for_each = local.made

  secret = google_secret_manager_secret.each[module.wiring.secret_ids[each.key]].id
  secret_data_wo = (
    each.value == "fernet"
    ? replace(replace(base64encode(ephemeral.random_password.made[each.key].result), "+", "-"), "/", "_")
    : ephemeral.random_password.made[each.key].result
  )
  # MLflow can read nothing it keeps under a key that is gone.
  secret_data_wo_version = 1
}
