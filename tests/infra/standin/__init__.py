"""A schema-only stand-in for Terraform's providers, for where no registry can be reached.

It is not Google's provider. It answers the real terraform's questions about types, nesting, required arguments and
closed lists of words from the schemas in `tests/infra/schema`, and makes up what a provider would answer with. It asks
no cloud, knows no rule that a provider holds in code, and a green run is no plan against Google Cloud.
"""
