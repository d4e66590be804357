"""What happened, who did it and why: read back from the ledgers and the audit bucket."""
