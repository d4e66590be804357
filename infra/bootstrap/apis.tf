# What is off in a new project. Switching on returns before every one of Google's machines knows.

resource "google_project_service" "each" {
  for_each = yamldecode(file("${path.module}/apis.yaml"))

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

resource "time_sleep" "apis" {
  create_duration = "90s"
  triggers        = { apis = join(" ", keys(google_project_service.each)) }
}

# Google's own agents that infra/ grants something to, or that the first trigger on a bucket needs at once. They would come
# into being with their first work, which is too late for both.
resource "google_project_service_identity" "each" {
  for_each = toset(["eventarc", "iap", "pubsub"])
  provider = google-beta

  service = "${each.key}.googleapis.com"

  depends_on = [time_sleep.apis]
}

# An agent that was made has not got its role by itself.
resource "google_project_iam_member" "eventarc" {
  #checkov:skip=CKV_GCP_49:The role is made for this agent, which is Google's own.
  project = var.project
  role    = "roles/eventarc.serviceAgent"
  member  = google_project_service_identity.each["eventarc"].member
}
