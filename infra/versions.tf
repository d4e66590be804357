terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 6.50"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # `headrace deploy` names the bucket: infra/bootstrap makes it.
  backend "gcs" {
    prefix = "headrace"
  }
}

provider "google" {
  project = var.project
  region  = var.region

  # The API of budgets asks which project calls it.
  user_project_override = var.budget != null
  billing_project       = var.budget != null ? var.project : null

  default_labels = { application = "headrace" }
}

# For what the provider above lacks.
provider "google-beta" {
  project = var.project
  region  = var.region

  default_labels = { application = "headrace" }
}
