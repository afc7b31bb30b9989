"""Statistics that the metrics share."""
