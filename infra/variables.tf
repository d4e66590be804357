variable "project" {
  description = "The project's id."
  type        = string
}

variable "region" {
  description = "Where everything runs. Batch, Cloud Run and the buckets share it."
  type        = string
  default     = "europe-west1"
}

variable "revision" {
  description = "The commit that the images are tagged with."
  type        = string
}

variable "bundles" {
  description = "The folder with one ZIP a function, which `headrace bundle` writes."
  type        = string
  default     = "../build/functions"
}

variable "mlflow_backend" {
  description = "Where MLflow keeps its records: sqlite (a file in a bucket, one instance, almost free) or cloudsql."
  type        = string
  default     = "sqlite"

  validation {
    condition     = contains(["sqlite", "cloudsql"], var.mlflow_backend)
    error_message = "mlflow_backend is \"${var.mlflow_backend}\"; say sqlite or cloudsql."
  }
}

variable "database" {
  description = "The Cloud SQL instance, where there is one. Raise `password` to have a new password made."
  type = object({
    tier      = optional(string, "db-f1-micro")
    disk_gib  = optional(number, 10)
    available = optional(string, "ZONAL")
    password  = optional(number, 1)
  })
  default = {}

  validation {
    condition     = contains(["ZONAL", "REGIONAL"], var.database.available)
    error_message = "database.available is \"${var.database.available}\"; say ZONAL or REGIONAL."
  }
}

variable "schedules" {
  description = "Cron lines by deployable that replace those of topology.yaml; what calls MLflow often keeps it awake."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Variables of topology.yaml's secrets that a person gave a value, by `gcloud secrets versions add` once the first apply has made them."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.secrets, keys(yamldecode(file("${path.module}/topology.yaml")).secrets))) == 0
    error_message = "secrets has ${join(", ", setsubtract(var.secrets, keys(yamldecode(file("${path.module}/topology.yaml")).secrets)))}, which topology.yaml does not."
  }
}

variable "operators" {
  description = "Who runs headrace's commands against this project: user:… or group:…"
  type        = set(string)
  default     = []
}

variable "callers" {
  description = "Who else may call the inference services; allUsers opens them to everybody."
  type        = set(string)
  default     = []
}

variable "studio_iap" {
  description = "Whether Google's Identity-Aware Proxy signs people in to the studio; the project has to be in an organization. Without it they reach the studio by `gcloud run services proxy studio`, and look only."
  type        = bool
  default     = false
}

variable "studio_viewers" {
  description = "Who may look at the studio: user:…, group:… or domain:…"
  type        = set(string)
  default     = []
}

variable "studio_operators" {
  description = "Who may also upload, approve, roll back and retrain there: user:… or domain:…, for the studio knows people by their address."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for who in var.studio_operators : can(regex("^(user|domain):.", who))])
    error_message = "studio_operators are people or all of a domain, as in user:ada@example.com; groups can be among studio_viewers."
  }
}

variable "open_registry_hook" {
  description = "Whether MLflow's webhooks reach the registry hook, which refuses what MLflow did not sign. Without them the reconciler finds each change on its schedule."
  type        = bool
  default     = false
}

variable "internet" {
  description = "Whether training nodes without an address of their own reach the internet; costs a NAT gateway."
  type        = bool
  default     = false
}

variable "notify" {
  description = "Who is told when something goes wrong: e-mail addresses, and the name of a Slack channel that was connected in Monitoring's console."
  type = object({
    emails        = optional(set(string), [])
    slack_channel = optional(string, "")
  })
  default = {}
}

variable "budget" {
  description = "Of a month, in the billing account's currency. With `stop`, no training begins when it is spent, until `headrace resume`."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string, "USD")
    stop            = optional(bool, false)
  })
  default = null
}

variable "objectives" {
  description = "What inference services promise otherwise than objectives.yaml says."
  type = object({
    available      = optional(number)
    quick          = optional(number)
    milliseconds   = optional(number)
    least_requests = optional(number)
  })
  default = {}

  validation {
    condition     = alltrue([for share in [var.objectives.available, var.objectives.quick] : share == null ? true : share >= 0.94 && share < 1])
    error_message = "objectives.available and objectives.quick are shares from 0.94 to below 1: below that, a budget cannot burn fast enough for an alert."
  }
}

variable "watched" {
  description = "Services asked from outside every five minutes though that keeps them awake; those that never sleep always are."
  type        = set(string)
  default     = []
}

variable "keep" {
  description = "Whether buckets, services and the database refuse to be destroyed."
  type        = bool
  default     = true
}
