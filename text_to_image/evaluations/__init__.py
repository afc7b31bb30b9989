"""What `evaluate.py` measures, one module a command."""
