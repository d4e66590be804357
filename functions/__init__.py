"""What reacts and keeps nothing between calls: one folder a function."""
