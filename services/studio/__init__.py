"""The studio: the page where people look at the loop, try its models and say yes or no."""
