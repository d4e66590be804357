# What a month may cost. Cloud Billing tells people at half, at nine tenths and when it is spent, and with `stop` tells
# the trainer several times a day, which begins nothing any more from the moment that it is spent.

resource "google_billing_budget" "month" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "headrace ${var.project}"

  budget_filter {
    projects        = ["projects/${local.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(floor(var.budget.amount))
      nanos         = floor((var.budget.amount - floor(var.budget.amount)) * 1000000000)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  threshold_rules {
    threshold_percent = 1.0
    spend_basis       = "FORECASTED_SPEND"
  }

  # A budget takes five addresses. Those who pay are told in any case.
  all_updates_rule {
    monitoring_notification_channels = slice(local.emails, 0, min(5, length(local.emails)))
    # Cloud Billing lets itself publish there when it is told of the topic.
    pubsub_topic                    = var.budget.stop ? google_pubsub_topic.each["budget"].id : null
    schema_version                  = "1.0"
    enable_project_level_recipients = true
  }
}

locals {
  emails = [for address in sort(var.notify.emails) : google_monitoring_notification_channel.email[address].name]
}
