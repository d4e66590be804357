# Cloud Build delivers what reaches the main branch, as the same account as GitHub's workflows.

resource "google_cloudbuild_trigger" "deliver" {
  count = var.cloudbuild_repository == null ? 0 : 1

  name            = "headrace-deliver"
  location        = var.region
  description     = "Deliver the main branch"
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.each["deployer"].id
  substitutions   = { _ENVIRONMENT = var.environment, _REGION = var.region }

  repository_event_config {
    repository = var.cloudbuild_repository
    push {
      branch = "^main$"
    }
  }

  depends_on = [time_sleep.apis, google_project_iam_member.each, google_secret_manager_secret_version.delivery_key]
}

# What smoke tests show the inference service. Cloud Build reads it before the first step, so that it has a value from the
# start; where keys are asked for, a person adds one that is a key.
resource "google_secret_manager_secret" "delivery_key" {
  count = var.cloudbuild_repository == null ? 0 : 1

  secret_id = "headrace-delivery-key"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_secret_manager_secret_version" "delivery_key" {
  count = var.cloudbuild_repository == null ? 0 : 1

  secret                 = google_secret_manager_secret.delivery_key[0].id
  secret_data_wo         = "none"
  secret_data_wo_version = 1
}
