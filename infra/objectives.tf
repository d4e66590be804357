# What each inference service promises: answers without errors, and soon. The console shows what is left of both.

locals {
  objectives = merge(
    yamldecode(file("${path.module}/objectives.yaml")),
    { for name, value in var.objectives : name => value if value != null },
  )
  inference = { for name, each in local.services : name => each if each.workload != "" }
}

resource "google_monitoring_custom_service" "inference" {
  for_each = local.inference

  service_id   = each.key
  display_name = "Headrace: predictions of ${each.value.workload}"

  telemetry {
    resource_name = "//run.googleapis.com/projects/${var.project}/locations/${var.region}/services/${each.key}"
  }
}

resource "google_monitoring_slo" "available" {
  for_each = local.inference

  service             = google_monitoring_custom_service.inference[each.key].service_id
  slo_id              = "available"
  display_name        = "Requests answered without an error"
  goal                = local.objectives.available
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = local.measured[each.key].all
      bad_service_filter   = local.measured[each.key].failed
    }
  }
}

resource "google_monitoring_slo" "quick" {
  for_each = local.inference

  service             = google_monitoring_custom_service.inference[each.key].service_id
  slo_id              = "quick"
  display_name        = "Requests answered within ${local.objectives.milliseconds} ms"
  goal                = local.objectives.quick
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = local.measured[each.key].took

      range {
        min = 0
        max = local.objectives.milliseconds
      }
    }
  }
}

locals {
  measured = { for name, _ in local.inference : name => {
    all    = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_service[name]}"
    failed = "metric.type=\"run.googleapis.com/request_count\" AND ${local.of_service[name]} AND metric.labels.response_code_class=\"5xx\""
    took   = "metric.type=\"run.googleapis.com/request_latencies\" AND ${local.of_service[name]}"
  } }
  of_service = {
    for name, _ in local.inference : name => "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${name}\""
  }
}

# What alerts.tf asks: whether the error budget of 28 days is being spent so fast that a fiftieth of it goes in an hour, or
# a twentieth in six hours, and still is; by enough requests to say so. (Google's "Site Reliability Workbook", chapter 5.)
locals {
  paces = [
    { times = 14.4, long = "1h", short = "5m" },
    { times = 6, long = "6h", short = "30m" },
  ]
  asked = "${local.revision},service_name=~'inference-.*'"

  failing = [for pace in local.paces : join(" and ", concat(
    [for window in [pace.long, pace.short] : join("", [
      "sum by (service_name) (rate(${local.requests}{${local.asked},response_code_class='5xx'}[${window}]))",
      " / sum by (service_name) (rate(${local.requests}{${local.asked}}[${window}]))",
      " > ${format("%.4f", pace.times * (1 - local.objectives.available))}",
    ])],
    [local.often[pace.long]],
  ))]

  # More than a share x of the requests are slow exactly when the quantile 1 - x is.
  slow = [for pace in local.paces : join(" and ", concat(
    [for window in [pace.long, pace.short] : join("", [
      "histogram_quantile(${format("%.4f", 1 - pace.times * (1 - local.objectives.quick))}, ",
      "sum by (service_name, le) (rate(run_googleapis_com:request_latencies_bucket{${local.asked}}[${window}])))",
      " > ${local.objectives.milliseconds}",
    ])],
    [local.often[pace.long]],
  ))]

  often = { for pace in local.paces : pace.long => join("", [
    "sum by (service_name) (increase(${local.requests}{${local.asked}}[${pace.long}])) >= ${local.objectives.least_requests}",
  ]) }
}
