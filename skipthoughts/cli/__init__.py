"""The commands of `python -m skipthoughts`, one module each: flags and `main`."""
