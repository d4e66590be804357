"""From a reason to train to a version: jobs, their failures, what waits, and the stages of a training itself."""
