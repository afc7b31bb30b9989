"""The embedded data set: flowers drawn by code, with captions from a grammar.

Nothing here imports TensorFlow but `builder`, so the processes that draw start fast.
"""
