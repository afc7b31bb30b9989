"""What lies on the disk: run directories, checkpoints, released models."""
