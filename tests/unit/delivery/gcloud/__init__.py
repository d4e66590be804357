"""What the real gcloud takes, reduced to the commands that a delivery gives."""
