"""What can be proven of `infra/` without a cloud: schemas, grants, the real terraform on a stand-in, resources."""
