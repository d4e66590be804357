# Only where something needs it: a private database, or training jobs whose nodes talk to each other.

locals {
  networked = local.cloudsql || var.multi_node
}

resource "google_compute_network" "headrace" {
  count = local.networked ? 1 : 0

  name                    = "headrace"
  auto_create_subnetworks = false
}

# headrace.adapters.batch finds both by their names.
resource "google_compute_subnetwork" "headrace" {
  count = local.networked ? 1 : 0

  name                     = "headrace"
  network                  = google_compute_network.headrace[0].id
  region                   = var.region
  ip_cidr_range            = "10.10.0.0/20"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

# PyTorch's nodes meet on one port and talk on any.
resource "google_compute_firewall" "between_nodes" {
  count = var.multi_node ? 1 : 0

  name    = "headrace-between-nodes"
  network = google_compute_network.headrace[0].id

  source_service_accounts = [google_service_account.each["training"].email]
  target_service_accounts = [google_service_account.each["training"].email]

  allow {
    protocol = "tcp"
    ports    = ["1024-65535"]
  }
}

# Nodes without an address of their own reach what is not Google's through this.
resource "google_compute_router" "headrace" {
  count = var.multi_node ? 1 : 0

  name    = "headrace"
  network = google_compute_network.headrace[0].id
  region  = var.region
}

resource "google_compute_router_nat" "headrace" {
  count = var.multi_node ? 1 : 0

  name                               = "headrace"
  router                             = google_compute_router.headrace[0].name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}
