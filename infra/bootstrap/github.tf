# GitHub's workflows prove who they are with GitHub's own token, of one repository, and get no key.

locals {
  github = var.github == null ? {} : { github = var.github }
  # The account that a workflow works as, by what it may do.
  federated = { deploy = "deployer", plan = "planner" }
}

resource "google_iam_workload_identity_pool" "each" {
  for_each = local.github

  workload_identity_pool_id = each.key
  display_name              = "GitHub Actions"

  depends_on = [time_sleep.apis]
}

resource "google_iam_workload_identity_pool_provider" "each" {
  for_each = local.github

  workload_identity_pool_id          = google_iam_workload_identity_pool.each[each.key].workload_identity_pool_id
  workload_identity_pool_provider_id = "actions"
  display_name                       = "Workflows of one repository"

  # A name may be taken by somebody else one day; the owner's number may not.
  attribute_condition = join(" && ", [
    "assertion.repository == \"${each.value.repository}\"",
    "assertion.repository_owner_id == \"${each.value.owner_id}\"",
  ])

  # pull_request_target also runs on the main branch, with what a stranger wrote: it may do nothing.
  attribute_mapping = {
    "google.subject" = "assertion.sub"
    "attribute.may" = join(" ", [
      "assertion.ref == \"refs/heads/main\" && assertion.event_name in [\"push\", \"workflow_dispatch\"] ? \"deploy\" :",
      "assertion.event_name == \"pull_request\" ? \"plan\" : \"nothing\"",
    ])
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "federated" {
  for_each = var.github == null ? {} : local.federated

  service_account_id = google_service_account.each[each.value].name
  role               = "roles/iam.workloadIdentityUser"
  member = join("/", [
    "principalSet://iam.googleapis.com", google_iam_workload_identity_pool.each["github"].name, "attribute.may", each.key,
  ])
}
