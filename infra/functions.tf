# The functions: each its ZIP, named for its content, so that only what changed is built again.

locals {
  # infra/bootstrap makes it: the account that built functions by default may nothing in a new project.
  builder = "projects/${var.project}/serviceAccounts/headrace-builder@${var.project}.iam.gserviceaccount.com"
}

resource "google_storage_bucket_object" "function" {
  for_each = local.functions

  bucket = google_storage_bucket.code.name
  name   = "${each.key}-${filemd5("${var.bundles}/${each.value.deployable}.zip")}.zip"
  source = "${var.bundles}/${each.value.deployable}.zip"
}

resource "google_cloudfunctions2_function" "each" {
  for_each = local.functions

  name     = each.key
  location = var.region

  build_config {
    runtime         = "python311"
    entry_point     = "main"
    service_account = local.builder

    source {
      storage_source {
        bucket = google_storage_bucket.code.name
        object = google_storage_bucket_object.function[each.key].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.each[each.value.deployable].email
    available_cpu                    = tostring(each.value.needs.cpus)
    available_memory                 = "${each.value.needs.memory}Mi"
    timeout_seconds                  = min(each.value.needs.seconds, 540)
    min_instance_count               = each.value.needs.least
    max_instance_count               = each.value.needs.most
    max_instance_request_concurrency = each.value.needs.at_once
    # Pub/Sub, Eventarc and Scheduler come from inside; MLflow, on Cloud Run, does not.
    ingress_settings      = each.value.entry == "http" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    environment_variables = each.value.environment

    dynamic "secret_environment_variables" {
      for_each = each.value.secrets
      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  dynamic "event_trigger" {
    for_each = compact([try(local.topology.deployables[each.value.deployable].bucket, "")])
    content {
      event_type            = "google.cloud.storage.object.v1.finalized"
      trigger_region        = var.region
      service_account_email = google_service_account.each["trigger"].email
      retry_policy          = "RETRY_POLICY_RETRY"

      event_filters {
        attribute = "bucket"
        value     = google_storage_bucket.purpose[event_trigger.value].name
      }
    }
  }

  depends_on = [time_sleep.grants, google_secret_manager_secret_version.made]
}
