# What the clock starts. Cloud Scheduler proves who it is to what it calls.

locals {
  run = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs"
}

resource "google_cloud_scheduler_job" "each" {
  for_each = module.wiring.schedules

  name             = each.key
  region           = var.region
  schedule         = each.value.cron
  time_zone        = "Etc/UTC"
  attempt_deadline = "180s"

  retry_config {
    retry_count = 1
  }

  http_target {
    http_method = "POST"
    uri         = each.value.job ? "${local.run}/${each.key}:run" : local.running[each.key].url
    headers = each.value.job ? {} : {
      "ce-specversion" = "1.0"
      "ce-id"          = "schedule-${each.key}"
      "ce-type"        = "headrace.schedule.v1.due"
      "ce-source"      = "//cloudscheduler.googleapis.com/headrace"
      "ce-subject"     = each.key
      "content-type"   = "application/json"
    }
    body = base64encode("{}")

    # Google's own API takes an access token, a service an identity token for its address.
    dynamic "oauth_token" {
      for_each = each.value.job ? ["job"] : []
      content {
        service_account_email = google_service_account.each["scheduler"].email
      }
    }

    dynamic "oidc_token" {
      for_each = each.value.job ? [] : ["service"]
      content {
        service_account_email = google_service_account.each["scheduler"].email
        audience              = local.running[each.key].url
      }
    }
  }

  depends_on = [google_cloud_run_v2_job.each, google_cloudfunctions2_function.each]
}
