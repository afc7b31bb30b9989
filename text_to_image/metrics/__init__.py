"""What is measured on pictures."""
