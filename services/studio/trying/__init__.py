"""The parts of the pages on which models are tried: what is asked, what was answered, and what people say of it."""
