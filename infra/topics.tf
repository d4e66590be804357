# One topic an event and a stream, its push subscriptions, its way into the audit bucket, and the dead letters of all.

resource "google_pubsub_topic" "each" {
  for_each = module.wiring.topics

  name                       = each.value
  message_retention_duration = "86400s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_subscription" "push" {
  for_each = module.wiring.subscriptions

  name                    = each.key
  topic                   = google_pubsub_topic.each[each.value.topic].id
  ack_deadline_seconds    = each.value.ack_seconds
  enable_message_ordering = each.value.ordered
  filter                  = each.value.filter == "" ? null : each.value.filter

  push_config {
    push_endpoint = each.value.endpoint

    oidc_token {
      service_account_email = google_service_account.each["pusher"].email
      audience              = each.value.endpoint
    }
  }

  retry_policy {
    minimum_backoff = "${module.wiring.delivery.retry_seconds[0]}s"
    maximum_backoff = "${module.wiring.delivery.retry_seconds[1]}s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = module.wiring.delivery.attempts
  }

  # A subscription must not end because nothing happened for a month.
  expiration_policy {
    ttl = ""
  }

  depends_on = [time_sleep.grants]
}

resource "google_pubsub_subscription" "audit" {
  for_each = module.wiring.exports

  name                 = "audit-${each.key}"
  topic                = google_pubsub_topic.each[each.key].id
  ack_deadline_seconds = 300

  cloud_storage_config {
    bucket          = google_storage_bucket.purpose["audit"].name
    filename_prefix = each.value
    filename_suffix = ".jsonl"
    max_duration    = "${module.wiring.delivery.export_seconds}s"
    max_bytes       = 33554432 # who reads it back holds an object at a time
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [time_sleep.grants]
}

resource "google_pubsub_topic" "dead_letters" {
  name = "dead-letters"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

# A dead letter without a subscription is lost; the alert watches this one.
resource "google_pubsub_subscription" "dead_letters" {
  name                       = "dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  message_retention_duration = "2678400s"
  ack_deadline_seconds       = 60

  expiration_policy {
    ttl = ""
  }
}
