"""Questions put to the model, one a file, run as ``python -m experiments.NAME``."""
