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
