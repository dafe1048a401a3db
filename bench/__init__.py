"""Measurements beside a yardstick: ``python -m bench [NAME]``, or ``run.py bench [NAME]``."""
