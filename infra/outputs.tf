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

output "studio" {
  description = "The studio's address, and whether IAP stands in front of it."
  value       = one([for name, each in local.services : { url = each.url, iap = var.studio_iap } if name == "studio"])
}

output "buckets" {
  description = "The name of each bucket by its purpose."
  value       = module.wiring.buckets
}
