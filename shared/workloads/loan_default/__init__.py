"""LendingClub loans: the probability that one is charged off."""
