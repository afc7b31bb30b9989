"""Objectives that an encoder is trained by."""
