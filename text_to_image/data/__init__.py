"""From a cache to the batches of training."""
