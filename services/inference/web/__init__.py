"""HTTP: requests, answers, and which handler gets which."""
