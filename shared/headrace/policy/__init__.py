"""What a challenger must show to become champion: `promotion` says it, `judging` holds a model to it."""
