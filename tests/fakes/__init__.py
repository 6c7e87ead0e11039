"""What stands in for the outside; the fakes pass the contracts of what they stand for."""
