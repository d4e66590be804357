# Where training nodes talk to each other, and where a database has its private address. None of it costs anything but the
# gateway to the internet: private Google access brings nodes to Google's APIs, Artifact Registry and MLflow without it.

resource "google_compute_network" "headrace" {
  name                    = "headrace"
  auto_create_subnetworks = false
}

# headrace.adapters.batch finds both by their names.
resource "google_compute_subnetwork" "headrace" {
  name                     = "headrace"
  network                  = google_compute_network.headrace.id
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
  name    = "headrace-between-nodes"
  network = google_compute_network.headrace.id

  source_service_accounts = [google_service_account.each["training"].email]
  target_service_accounts = [google_service_account.each["training"].email]

  allow {
    protocol = "tcp"
    ports    = ["1024-65535"]
  }
}

resource "google_compute_router" "headrace" {
  count = var.internet ? 1 : 0

  name    = "headrace"
  network = google_compute_network.headrace.id
  region  = var.region
}

resource "google_compute_router_nat" "headrace" {
  count = var.internet ? 1 : 0

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
