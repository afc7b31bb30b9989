"""Reads the attributes of drawn flowers back from their images."""
