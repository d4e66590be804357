"""The local Pub/Sub server: gRPC in; pushes, pulls and Cloud Storage objects out; nothing answered is ever lost."""
