"""`headrace demo`: the whole loop on shipped data, live on one screen."""
