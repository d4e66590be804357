# Counts of lines in the log, for what no service of Google's measures.

locals {
  metrics = yamldecode(file("${path.module}/metrics.yaml"))
}

resource "google_logging_metric" "each" {
  for_each = local.metrics

  name             = "headrace/${each.key}"
  description      = "Counts ${each.value.counts}."
  filter           = join("\n", each.value.filter)
  label_extractors = { for label, field in each.value.labels : label => "EXTRACT(${field})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }
}
