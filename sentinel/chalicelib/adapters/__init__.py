"""The outside world, one file per supplier."""
