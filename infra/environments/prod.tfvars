# A team: PostgreSQL with backups, jobs of several nodes, everything on the topology's own schedule.
mlflow_backend     = "cloudsql"
open_registry_hook = true
multi_node         = true
keep               = true

database = {
  tier = "db-custom-1-3840"
}
