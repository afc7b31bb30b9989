"""Draws grids and animations; knows no model."""
