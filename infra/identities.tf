# One account a deployable, and exactly the grants that follow from the topology.

locals {
  grants    = merge(local.of_accounts, local.of_people)
  of_people = module.wiring.people
  of_accounts = {
    for key, each in module.wiring.grants : key => {
      role   = each.role
      kind   = each.kind
      on     = each.on
      member = google_service_account.each[each.account].member
    }
  }

  on = { for kind in ["topic", "bucket", "service", "job", "secret", "repository", "account", "iap", "subscription", "project"] : kind => {
    for key, each in local.grants : key => each if each.kind == kind
  } }

  # Google's own agents, which do their part in the project's name.
  agents = {
    iap     = "serviceAccount:service-${local.number}@gcp-sa-iap.iam.gserviceaccount.com"
    pubsub  = "serviceAccount:service-${local.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    storage = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
  }
}

data "google_storage_project_service_account" "this" {}

resource "google_service_account" "each" {
  for_each = module.wiring.accounts

  account_id   = "headrace-${replace(each.value, "_", "-")}"
  display_name = "Headrace: ${replace(each.value, "_", " ")}"
}

resource "google_pubsub_topic_iam_member" "each" {
  for_each = local.on.topic

  topic  = google_pubsub_topic.each[each.value.on].id
  role   = each.value.role
  member = each.value.member
}

resource "google_pubsub_subscription_iam_member" "each" {
  for_each = local.on.subscription

  subscription = google_pubsub_subscription.dead_letters.name
  role         = each.value.role
  member       = each.value.member
}

resource "google_storage_bucket_iam_member" "each" {
  for_each = local.on.bucket

  bucket = google_storage_bucket.purpose[each.value.on].name
  role   = each.value.role
  member = each.value.member
}

resource "google_cloud_run_v2_service_iam_member" "each" {
  for_each = local.on.service

  name     = local.running[each.value.on].kind == "function" ? google_cloudfunctions2_function.each[each.value.on].name : google_cloud_run_v2_service.each[each.value.on].name
  location = var.region
  role     = each.value.role
  member   = each.value.member
}

resource "google_cloud_run_v2_job_iam_member" "each" {
  for_each = local.on.job

  name     = google_cloud_run_v2_job.each[each.value.on].name
  location = var.region
  role     = each.value.role
  member   = each.value.member
}

resource "google_secret_manager_secret_iam_member" "each" {
  for_each = local.on.secret

  secret_id = google_secret_manager_secret.each[each.value.on].id
  role      = each.value.role
  member    = each.value.member
}

resource "google_artifact_registry_repository_iam_member" "each" {
  for_each = local.on.repository

  repository = each.value.on
  location   = var.region
  role       = each.value.role
  member     = each.value.member
}

resource "google_service_account_iam_member" "each" {
  for_each = local.on.account

  service_account_id = google_service_account.each[each.value.on].name
  role               = each.value.role
  member             = each.value.member
}

resource "google_project_iam_member" "each" {
  for_each = local.on.project

  project = var.project
  role    = each.value.role
  member  = each.value.member

  depends_on = [google_project_iam_custom_role.follower]
}

# Google has no role that reads events without sending some.
resource "google_project_iam_custom_role" "follower" {
  role_id     = basename(module.wiring.follower)
  title       = "Headrace: follows events"
  description = "Reads topics through subscriptions of one's own, and counts dead letters"
  permissions = [
    "pubsub.subscriptions.consume",
    "pubsub.subscriptions.create",
    "pubsub.subscriptions.delete",
    "pubsub.topics.attachSubscription",
  ]
}

# IAP signs people in, and then calls the studio as itself.
resource "google_iap_web_cloud_run_service_iam_member" "each" {
  for_each = local.on.iap

  cloud_run_service_name = google_cloud_run_v2_service.each[each.value.on].name
  location               = var.region
  role                   = each.value.role
  member                 = each.value.member
}

resource "google_cloud_run_v2_service_iam_member" "iap" {
  count = var.studio_iap ? 1 : 0

  name     = google_cloud_run_v2_service.each["studio"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = local.agents.iap
}

# Pub/Sub moves what could not be delivered, and writes the audit trail.

resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.dead_letters.id
  role   = "roles/pubsub.publisher"
  member = local.agents.pubsub
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = google_pubsub_subscription.push

  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.agents.pubsub
}

resource "google_storage_bucket_iam_member" "audit" {
  for_each = toset(["roles/storage.objectCreator", "roles/storage.legacyBucketReader"])

  bucket = google_storage_bucket.purpose["audit"].name
  role   = each.value
  member = local.agents.pubsub
}

# The triggers that Eventarc makes are pushes too, as an account of their own.
resource "google_service_account_iam_member" "pubsub" {
  for_each = toset(["pusher", "trigger"])

  service_account_id = google_service_account.each[each.value].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.agents.pubsub
}

moved {
  from = google_service_account_iam_member.pubsub
  to   = google_service_account_iam_member.pubsub["pusher"]
}

# Eventarc hears of new objects from Cloud Storage, which publishes them; it knows no grant on a single topic.
resource "google_project_iam_member" "storage" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = local.agents.storage
}

# Grants take minutes to be known everywhere; whatever is refused meanwhile would fail the apply that makes them.
resource "time_sleep" "grants" {
  create_duration = "120s"

  triggers = {
    grants = sha256(join(" ", concat(
      [google_project_iam_member.storage.id, google_pubsub_topic_iam_member.dead_letters.id],
      google_secret_manager_secret_iam_member.database[*].id,
      google_storage_bucket_iam_member.mlflow[*].id,
      values(google_project_iam_member.each)[*].id,
      values(google_secret_manager_secret_iam_member.each)[*].id,
      values(google_service_account_iam_member.each)[*].id,
      values(google_service_account_iam_member.pubsub)[*].id,
      values(google_storage_bucket_iam_member.audit)[*].id,
      values(google_storage_bucket_iam_member.each)[*].id,
    )))
  }
}
