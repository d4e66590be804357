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

  depends_on = [time_sleep.apis, google_project_iam_member.each]
}
