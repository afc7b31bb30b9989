"""What is measured on images."""
