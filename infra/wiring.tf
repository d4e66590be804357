# One description, read here for the cloud and by the local stack for a laptop, and what follows from it.

data "google_project" "this" {
  project_id = var.project
}

locals {
  topology = yamldecode(file("${path.module}/topology.yaml"))
  files    = fileset("${path.module}/../shared/workloads", "*/workload.yaml")
  workloads = {
    for file in local.files : dirname(file) => yamldecode(file("${path.module}/../shared/workloads/${file}"))
  }
  number = data.google_project.this.number
}

module "wiring" {
  source = "./modules/wiring"

  topology           = local.topology
  workloads          = local.workloads
  project            = var.project
  number             = local.number
  region             = var.region
  revision           = var.revision
  schedules          = var.schedules
  made_secrets       = keys(local.made)
  given_secrets      = var.secrets
  studies_secret     = lookup(local.databases, "studies", "")
  operators          = var.operators
  callers            = var.callers
  open_registry_hook = var.open_registry_hook
  studio_iap         = var.studio_iap
  studio_viewers     = var.studio_viewers
  studio_operators   = var.studio_operators
}

locals {
  running   = module.wiring.running
  services  = { for name, each in local.running : name => each if each.kind == "service" }
  functions = { for name, each in local.running : name => each if each.kind == "function" }
  jobs      = { for name, each in local.running : name => each if each.kind == "job" }
}
