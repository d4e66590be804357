variable "topology" {
  description = "infra/topology.yaml, decoded."
  type        = any
}

variable "workloads" {
  description = "Every workload.yaml, decoded, by the workload's name."
  type        = any
}

variable "project" {
  description = "The project's id."
  type        = string
}

variable "number" {
  description = "The project's number; the addresses of Cloud Run services are made of it."
  type        = string
}

variable "region" {
  description = "Where everything runs."
  type        = string
}

variable "revision" {
  description = "The commit that images are tagged with."
  type        = string
}

variable "schedules" {
  description = "Cron lines by deployable that replace those of the topology."
  type        = map(string)
  default     = {}
}

variable "made_secrets" {
  description = "Variables whose secret Terraform gives a value."
  type        = set(string)
  default     = []
}

variable "given_secrets" {
  description = "Variables whose secret a person gave a value."
  type        = set(string)
  default     = []
}

variable "studies_secret" {
  description = "The secret that holds the address of the database of studies; empty where there is none."
  type        = string
  default     = ""
}

variable "operators" {
  description = "Who runs headrace's commands against this project: user:…, group:…"
  type        = set(string)
  default     = []
}

variable "callers" {
  description = "Who may call the inference services, beside the operators; allUsers opens them to everybody."
  type        = set(string)
  default     = []
}

variable "open_registry_hook" {
  description = "Whether anybody reaches the registry hook, which refuses what MLflow did not sign."
  type        = bool
  default     = false
}

variable "studio_iap" {
  description = "Whether IAP stands in front of the studio."
  type        = bool
  default     = false
}

variable "studio_viewers" {
  description = "Who may look at the studio: user:…, group:…, domain:…"
  type        = set(string)
  default     = []
}

variable "studio_operators" {
  description = "Who may look at it and decide there: user:…, domain:…"
  type        = set(string)
  default     = []
}
