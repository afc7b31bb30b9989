"""Stage 0, the ground: what every stage stands on. It imports none of them."""
