"""The models that come with Headrace: one folder each."""
