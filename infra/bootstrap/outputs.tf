output "accounts" {
  description = "The address of each account; GitHub's variables want the deployer's and the planner's."
  value       = { for name, account in google_service_account.each : name => account.email }
}

output "workload_identity_provider" {
  description = "What GitHub's variable HEADRACE_IDENTITY_PROVIDER holds."
  value       = one(values(google_iam_workload_identity_pool_provider.each)[*].name)
}

output "registry" {
  description = "Where the images are."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.headrace.repository_id}"
}
