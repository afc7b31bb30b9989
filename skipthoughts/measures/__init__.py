"""Measures encoders: retrieval, decoding, baselines."""
