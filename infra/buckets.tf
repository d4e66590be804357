# What users drop, what the platform keeps, what MLflow stores, what was ever said; and the functions' code.

locals {
  # Days after which an object gets colder: data and models are read while they are new.
  colder = {
    data   = { NEARLINE = 90, COLDLINE = 365 }
    store  = {}
    models = { NEARLINE = 90, COLDLINE = 365 }
    audit  = { NEARLINE = 30, COLDLINE = 180, ARCHIVE = 365 }
  }

  # Days after which what lies under a prefix is of no use: a preempted job goes on within hours, a claim within minutes,
  # and no label is waited for longer than 60 days.
  stale = {
    data   = {}
    store  = { "checkpoints/" = 14, "claims/" = 30, "windows/" = 61 }
    models = {}
    audit  = {}
  }
}

resource "google_storage_bucket" "purpose" {
  for_each = module.wiring.buckets

  name                        = each.value
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 7 * 24 * 3600
  }

  dynamic "lifecycle_rule" {
    for_each = local.colder[each.key]
    content {
      action {
        type          = "SetStorageClass"
        storage_class = lifecycle_rule.key
      }
      condition {
        age = lifecycle_rule.value
      }
    }
  }

  dynamic "lifecycle_rule" {
    for_each = local.stale[each.key]
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
      }
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 7
    }
  }
}

resource "google_storage_bucket" "code" {
  name                        = "${var.project}-functions"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
      with_state                 = "ARCHIVED"
    }
  }
}
