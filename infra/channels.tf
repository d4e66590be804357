# Who is told: e-mail addresses, and a channel of Slack's that a person has connected.

locals {
  channels = concat(
    [for channel in google_monitoring_notification_channel.email : channel.name],
    [for channel in data.google_monitoring_notification_channel.slack : channel.name],
  )
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.notify.emails

  display_name = "Headrace: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }

  # Policies that still name it when it goes are changed with it.
  force_delete = true
}

# Slack gives its token to whoever signs in, in Monitoring's console; so no state holds one.
data "google_monitoring_notification_channel" "slack" {
  for_each = toset(compact([var.notify.slack_channel]))

  display_name = each.value
  type         = "slack"
}
