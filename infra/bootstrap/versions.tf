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
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # `headrace deploy` names the bucket and makes it; state.tf takes it over.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region

  # A person's own quota would not do for every API.
  user_project_override = true
  billing_project       = var.project

  default_labels = { application = "headrace" }
}

# For what the provider above lacks.
provider "google-beta" {
  project = var.project
  region  = var.region

  user_project_override = true
  billing_project       = var.project
}
