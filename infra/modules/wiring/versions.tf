# No provider: what this module works out can be tested anywhere.
terraform {
  required_version = ">= 1.11"
}
