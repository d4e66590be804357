# Who delivers, who plans pull requests, who builds functions; none of them has a key.

locals {
  roles = yamldecode(file("${path.module}/roles.yaml"))
  grants = merge([
    for account, roles in local.roles : { for role in keys(roles) : "${account} ${role}" => { account = account, role = role } }
  ]...)
  titles = {
    deployer = "Headrace: delivers"
    planner  = "Headrace: plans pull requests"
    builder  = "Headrace: builds functions"
  }
}

resource "google_service_account" "each" {
  for_each = local.roles

  account_id   = "headrace-${each.key}"
  display_name = local.titles[each.key]

  depends_on = [time_sleep.apis]
}

resource "google_project_iam_member" "each" {
  for_each = local.grants

  project = var.project
  role    = each.value.role
  member  = google_service_account.each[each.value.account].member
}

# Signs the identity tokens with which it tries what it delivered.
resource "google_service_account_iam_member" "deployer" {
  service_account_id = google_service_account.each["deployer"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.each["deployer"].member
}

resource "google_storage_bucket_iam_member" "planner" {
  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.each["planner"].member
}

resource "google_billing_account_iam_member" "deployer" {
  count = var.billing_account == "" ? 0 : 1

  billing_account_id = var.billing_account
  role               = "roles/billing.costsManager"
  member             = google_service_account.each["deployer"].member
}
