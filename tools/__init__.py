"""What `run.py` is made of. Standard library and `core.embedded` only, for it runs before anything is installed."""
