"""What leaves the service besides answers: the prediction log, feedback, metrics."""
