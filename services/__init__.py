"""What runs for longer than a function may: one folder a service."""
