# A team: PostgreSQL with backups, everything on the topology's own schedule.
mlflow_backend     = "cloudsql"
open_registry_hook = true
keep               = true

database = {
  tier = "db-custom-1-3840"
}
