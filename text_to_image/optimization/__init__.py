"""From losses to the next weights, in every precision and on every device."""
