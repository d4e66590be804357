# The services: those of the platform, MLflow, and the inference service of each workload.

locals {
  # What a container is started with beyond what its image says.
  arguments = {
    for name, each in local.services : name => (
      name == "mlflow" ? local.mlflow.arguments : each.workload == "" ? [] : ["--only", each.workload]
    )
  }
  # Where it says that it works, and that it has started: a model may come later.
  health  = { for name, each in local.services : name => each.workload == "" ? lookup(local.healthy, name, "/health") : "/ready" if each.entry == "process" }
  started = { for name, path in local.health : name => path == "/ready" ? "/health" : path }
  healthy = { studio = "/_stcore/health" }
}

resource "google_cloud_run_v2_service" "each" {
  provider = google-beta # iap_enabled
  for_each = local.services

  name                = each.key
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = var.keep
  iap_enabled         = each.key == "studio" ? var.studio_iap : null

  template {
    service_account                  = google_service_account.each[each.value.deployable].email
    timeout                          = "${each.value.needs.seconds}s"
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = each.value.needs.at_once
    session_affinity                 = each.key == "studio" ? true : null # a page's files go to where its socket is
    # Such a quota is zero in a new project, and one zone is enough for what scales to zero.
    gpu_zonal_redundancy_disabled = each.value.needs.gpu == "" ? null : true

    scaling {
      min_instance_count = each.value.needs.least
      max_instance_count = each.value.needs.most
    }

    dynamic "node_selector" {
      for_each = compact([each.value.needs.gpu])
      content {
        accelerator = node_selector.value
      }
    }

    containers {
      image = each.value.image
      args  = local.arguments[each.key]

      resources {
        limits = merge(
          { cpu = tostring(each.value.needs.cpus), memory = "${each.value.needs.memory}Mi" },
          each.value.needs.gpu == "" ? {} : { "nvidia.com/gpu" = "1" },
        )
        cpu_idle          = !each.value.always_on
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = each.value.environment
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = merge(each.value.secrets, each.key == "mlflow" ? local.mlflow.secrets : {})
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

      dynamic "env" {
        for_each = each.key == "mlflow" ? local.mlflow.environment : {}
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "startup_probe" {
        for_each = compact([lookup(local.started, each.key, "")])
        content {
          period_seconds    = 2
          failure_threshold = 60

          http_get {
            path = startup_probe.value
          }
        }
      }

      # A probe would give a service that may sleep its processor for a moment, in which it asks MLflow and keeps that awake.
      dynamic "liveness_probe" {
        for_each = compact([each.value.always_on ? lookup(local.started, each.key, "") : ""])
        content {
          period_seconds = 30

          http_get {
            path = liveness_probe.value
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = each.key == "mlflow" ? local.mlflow.volumes : {}
        content {
          name       = volume_mounts.key
          mount_path = volume_mounts.value.path
        }
      }
    }

    dynamic "volumes" {
      for_each = each.key == "mlflow" ? local.mlflow.volumes : {}
      content {
        name = volumes.key
        gcs {
          bucket    = volumes.value.bucket
          read_only = false
        }
      }
    }

    dynamic "vpc_access" {
      for_each = each.key == "mlflow" && local.cloudsql ? ["database"] : []
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = google_compute_network.headrace.name
          subnetwork = google_compute_subnetwork.headrace.name
        }
      }
    }
  }

  # A new revision gets no request before it was tried: the delivery moves traffic, and pins it to a revision.
  lifecycle {
    ignore_changes = [traffic, client, client_version]
  }

  depends_on = [
    time_sleep.grants,
    google_secret_manager_secret_version.database,
    google_secret_manager_secret_version.made,
  ]
}
