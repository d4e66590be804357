"""What goes on in the loop, read from the audit trail, Batch, the registry and the logs of jobs."""
