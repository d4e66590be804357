# The images. What is tagged and new enough stays, and so does what `latest` means.

resource "google_artifact_registry_repository" "headrace" {
  repository_id = "headrace"
  location      = var.region
  format        = "DOCKER"

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = var.kept_images
    }
  }

  cleanup_policies {
    id     = "keep-latest"
    action = "KEEP"
    condition {
      tag_state    = "TAGGED"
      tag_prefixes = ["latest"]
    }
  }

  cleanup_policies {
    id     = "delete-untagged"
    action = "DELETE"
    condition {
      tag_state  = "UNTAGGED"
      older_than = "604800s"
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "TAGGED"
      older_than = "7776000s"
    }
  }

  depends_on = [time_sleep.apis]
}
