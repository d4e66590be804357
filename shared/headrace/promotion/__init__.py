"""What becomes of a version that was judged: rejected, tried, approved, released, champion; each step in a ledger."""
