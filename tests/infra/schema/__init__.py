"""What the providers' resources look like: types, nesting, required-ness and closed lists of values."""
