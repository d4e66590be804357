output "mlflow_url" {
  description = "MLflow's address, which asks for an identity token."
  value       = module.wiring.mlflow_url
}

output "inference_urls" {
  description = "The address of each workload's inference service."
  value       = { for name, each in local.running : each.workload => each.url if each.workload != "" }
}

output "services" {
  description = "Every Cloud Run service's address by its name; the delivery tries a new revision of each."
  value       = { for name, each in local.services : name => each.url }
}

output "buckets" {
  description = "The name of each bucket by its purpose."
  value       = module.wiring.buckets
}
