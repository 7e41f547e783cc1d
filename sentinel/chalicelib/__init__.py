"""Boom-Bust Sentinel: an open monitor of the AI/tech credit cycle."""
