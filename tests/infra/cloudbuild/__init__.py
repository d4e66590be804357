"""What Cloud Build and gcloud take, reduced to what is checked here, and the scripts that reduce it."""
