"""Reads the files of the original release."""
