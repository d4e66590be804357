"""The parts of the page "Models": how versions stand, compared, tried, and where they came from."""
