# Whether services answer, asked from outside. A check keeps awake what would sleep and is paid for as traffic, so that
# only those are asked that never sleep, and those that a variable names.

locals {
  # IAP lets in people, and no check.
  answering = { for name, path in local.health : name => path if name != "studio" || !var.studio_iap }
  watched = {
    for name, path in local.answering : name => path
    if local.services[name].needs.least > 0 || contains(var.watched, name)
  }
  watcher = "serviceAccount:service-${local.number}@gcp-sa-monitoring-notification.iam.gserviceaccount.com"
}

check "watched" {
  assert {
    condition     = length(setsubtract(var.watched, keys(local.answering))) == 0
    error_message = "watched names ${join(", ", setsubtract(var.watched, keys(local.answering)))}; what can be asked is ${join(", ", keys(local.answering))}."
  }
}

resource "google_monitoring_uptime_check_config" "each" {
  for_each = local.watched

  display_name     = each.key
  period           = "300s"
  timeout          = "10s"
  selected_regions = ["EUROPE", "USA", "ASIA_PACIFIC"]

  http_check {
    path         = each.value
    port         = 443
    use_ssl      = true
    validate_ssl = true

    service_agent_authentication {
      type = "OIDC_TOKEN"
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project, host = trimprefix(local.services[each.key].url, "https://") }
  }

  depends_on = [google_cloud_run_v2_service.each]
}

# Monitoring's agent comes into being with the first check that asks for it.
resource "google_cloud_run_v2_service_iam_member" "watcher" {
  for_each = google_monitoring_uptime_check_config.each

  name     = google_cloud_run_v2_service.each[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = local.watcher
}

resource "google_monitoring_alert_policy" "unreachable" {
  count = length(local.watched) > 0 ? 1 : 0

  display_name          = "Headrace: A service does not answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "Two regions of the world get no answer"

    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "0s"

      aggregations {
        alignment_period     = "600s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    content   = "Look at the service's log and its revisions in Cloud Run's console. If the last delivery broke it, send its traffic to the revision before: `gcloud run services update-traffic SERVICE --to-revisions REVISION=100`."
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "3600s"
  }
}
