# What runs to its end: the drift check, the pull of data, and scoring in batches, in as many tasks side by side as a run
# says. Training runs on Batch, which takes a job as it comes.

resource "google_cloud_run_v2_job" "each" {
  for_each = local.jobs

  name                = each.key
  location            = var.region
  deletion_protection = var.keep

  template {
    template {
      service_account = google_service_account.each[each.value.deployable].email
      timeout         = "${each.value.needs.seconds}s"
      max_retries     = each.value.needs.retries

      containers {
        image = each.value.image

        resources {
          limits = { cpu = tostring(each.value.needs.cpus), memory = "${each.value.needs.memory}Mi" }
        }

        dynamic "env" {
          for_each = each.value.environment
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = each.value.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [client, client_version]
  }

  depends_on = [time_sleep.grants]
}
