# A team: PostgreSQL with backups, everything on the topology's own schedule.
mlflow_backend     = "cloudsql"
open_registry_hook = true
keep               = true

database = {
  tier = "db-custom-1-3840"
}

# Who looks at the studio, and who decides there. Google signs people in where the project is in an organization.
# studio_iap       = true
# studio_viewers   = ["domain:example.com"]
# studio_operators = ["user:ada@example.com"]
