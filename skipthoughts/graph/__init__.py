"""The encoder within a TensorFlow graph: strings in, vectors out."""
