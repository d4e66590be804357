"""What a `workload.yaml` may say, a section each."""
