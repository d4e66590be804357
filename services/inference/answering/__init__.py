"""From instances to predictions: which version answers, together with which others, by when."""
