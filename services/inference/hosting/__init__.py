"""Which versions answer: found in the registry, downloaded, loaded, swapped."""
