"""Photos of cats and dogs: which of the two is in the picture."""
