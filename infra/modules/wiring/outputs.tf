output "running" {
  description = "Every service, function, job and the Batch image, by the name Cloud Run knows it under."
  value = {
    for name, each in local.running : name => merge(each, {
      environment = local.environment[name]
      secrets     = local.secrets[name]
    })
  }
}

output "topics" {
  description = "Names of topics."
  value       = local.topics
}

output "subscriptions" {
  description = "Push subscriptions by name."
  value       = local.subscriptions
}

output "exports" {
  description = "Where in the audit bucket each topic is written."
  value       = local.exports
}

output "schedules" {
  description = "When what is started."
  value       = local.schedules
}

output "buckets" {
  description = "Names of buckets by purpose."
  value       = { for purpose, _ in var.topology.buckets : purpose => "${var.project}-${purpose}" }
}

output "secret_ids" {
  description = "Secrets by the variable that a deployable finds each in."
  value       = local.secret_ids
}

output "accounts" {
  description = "Who there is: one account a deployable, and those that push, tick and pass on."
  value       = local.accounts
}

output "grants" {
  description = "What each account may do."
  value       = local.grants
}

output "people" {
  description = "What people may do."
  value       = local.people
}

output "follower" {
  description = "The role with which people follow events."
  value       = local.follower
}

output "delivery" {
  description = "How Pub/Sub delivers."
  value       = var.topology.delivery
}

output "mlflow_url" {
  description = "MLflow's address."
  value       = local.mlflow_url
}
