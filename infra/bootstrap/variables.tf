variable "project" {
  description = "The project's id."
  type        = string
}

variable "region" {
  description = "Where the state and the images are kept."
  type        = string
}

variable "environment" {
  description = "Which of infra/environments Cloud Build delivers here."
  type        = string
}

variable "github" {
  description = "The repository whose workflows may deliver, and its owner's number, which stays when names change hands."
  type = object({
    repository = string
    owner_id   = string
  })
  default = null

  validation {
    condition = var.github == null ? true : (
      can(regex("^[^/]+/[^/]+$", var.github.repository)) && can(regex("^[0-9]+$", var.github.owner_id))
    )
    error_message = "github is { repository = \"owner/name\", owner_id = \"digits\" }."
  }
}

variable "cloudbuild_repository" {
  description = "The repository that Cloud Build is connected to, as projects/…/locations/…/connections/…/repositories/…"
  type        = string
  default     = null
}

variable "billing_account" {
  description = "The billing account whose budget the deployer may set; empty when there is no budget."
  type        = string
  default     = ""
}

variable "kept_images" {
  description = "How many versions of each image are kept."
  type        = number
  default     = 10
}
