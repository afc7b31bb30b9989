"""Vectors of words: files of them, expansion, neighbours."""
