"""The whole loop on one machine: local servers, every deployable as a process, and what Terraform would make."""
