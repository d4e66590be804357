# An environment as a whole, planned against mocks: the providers check every argument, and ask no cloud. `make infra-check`
# runs it once with each environment's variables.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }

  mock_data "google_storage_project_service_account" {
    defaults = { email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com" }
  }

  mock_data "google_monitoring_notification_channel" {
    defaults = { name = "projects/my-project/notificationChannels/1" }
  }
}

mock_provider "google-beta" {}

mock_provider "time" {}

run "everything_can_be_planned" {
  command = plan

  assert {
    condition = alltrue([
      for each in google_pubsub_subscription.push : length(each.dead_letter_policy) == 1 && length(each.push_config[0].oidc_token) == 1
    ])
    error_message = "Every push proves who it is, and what cannot be delivered becomes a dead letter."
  }

  assert {
    condition = alltrue([
      for each in google_storage_bucket.purpose : each.public_access_prevention == "enforced" && each.uniform_bucket_level_access
    ])
    error_message = "No bucket can be opened to the public, object by object or as a whole."
  }

  assert {
    condition = [
      for each in google_cloudfunctions2_function.each : each.name if each.service_config[0].ingress_settings != "ALLOW_INTERNAL_ONLY"
    ] == ["registry-hook"]
    error_message = "Only what MLflow calls is reached from outside."
  }

  assert {
    condition     = google_cloud_run_v2_service.each["studio"].iap_enabled == var.studio_iap
    error_message = "IAP stands in front of the studio where the variable says so, and nowhere else."
  }
}
