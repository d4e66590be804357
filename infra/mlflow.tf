# Where MLflow keeps its records: a file in a bucket for one person, PostgreSQL without a public address for a team.

locals {
  cloudsql = var.mlflow_backend == "cloudsql"
  mounted  = "/mnt/mlflow"

  mlflow = {
    arguments = concat(
      ["--hook", local.running["registry-hook"].url],
      local.cloudsql ? [] : ["--database", "sqlite:///${local.mounted}/mlflow.db"],
    )
    # The server registers its webhooks with itself.
    environment = { MLFLOW_SERVER_ALLOWED_HOSTS = "${trimprefix(module.wiring.mlflow_url, "https://")},127.0.0.1:*" }
    secrets     = local.cloudsql ? { HEADRACE_MLFLOW_DATABASE = local.databases.mlflow } : {}
    volumes     = local.cloudsql ? {} : { records = { bucket = google_storage_bucket.mlflow[0].name, path = local.mounted } }
  }
}

# SQLite's file, which one instance at a time may hold. Earlier ones are kept: a lost write can be looked up.
resource "google_storage_bucket" "mlflow" {
  count = local.cloudsql ? 0 : 1

  name                        = "${var.project}-mlflow"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.keep

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 50
      with_state         = "ARCHIVED"
    }
  }
}

resource "google_storage_bucket_iam_member" "mlflow" {
  count = local.cloudsql ? 0 : 1

  bucket = google_storage_bucket.mlflow[0].name
  role   = "roles/storage.objectUser"
  member = google_service_account.each["mlflow"].member
}

resource "google_compute_global_address" "database" {
  count = local.cloudsql ? 1 : 0

  name          = "headrace-database"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.headrace.id
}

resource "google_service_networking_connection" "database" {
  count = local.cloudsql ? 1 : 0

  network                 = google_compute_network.headrace.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database[0].name]

  # Google holds it for days after its last database went. An apply takes over what a destroy left.
  deletion_policy         = "ABANDON"
  update_on_creation_fail = true
}

resource "google_sql_database_instance" "headrace" {
  count = local.cloudsql ? 1 : 0

  name                = "headrace"
  database_version    = "POSTGRES_17"
  region              = var.region
  deletion_protection = var.keep

  settings {
    tier                        = var.database.tier
    edition                     = "ENTERPRISE"
    availability_type           = var.database.available
    disk_size                   = var.database.disk_gib
    disk_autoresize             = true
    deletion_protection_enabled = var.keep

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.headrace.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }

  depends_on = [google_service_networking_connection.database]
}

resource "google_sql_database" "each" {
  for_each = local.databases

  name     = each.key
  instance = google_sql_database_instance.headrace[0].name

  # PostgreSQL drops neither a user that owns something nor a database that is in use: both go with their instance.
  deletion_policy = "ABANDON"
}

ephemeral "random_password" "database" {
  for_each = local.databases

  length  = 32
  special = false
}

# A user and the address that names its password are written in one apply; should it break off between the two,
# raise database.password.
resource "google_sql_user" "each" {
  for_each = google_sql_database.each

  name                = each.key
  instance            = google_sql_database_instance.headrace[0].name
  password_wo         = ephemeral.random_password.database[each.key].result
  password_wo_version = var.database.password
  deletion_policy     = "ABANDON"
}

resource "google_secret_manager_secret_version" "database" {
  for_each = google_sql_user.each

  secret = google_secret_manager_secret.each[local.databases[each.key]].id
  secret_data_wo = join("", [
    "postgresql+psycopg2://${each.key}:", ephemeral.random_password.database[each.key].result,
    "@${google_sql_database_instance.headrace[0].private_ip_address}/${each.key}?sslmode=require",
  ])
  secret_data_wo_version = var.database.password
}

resource "google_secret_manager_secret_iam_member" "database" {
  count = local.cloudsql ? 1 : 0

  secret_id = google_secret_manager_secret.each[local.databases.mlflow].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.each["mlflow"].member
}
