"""The gates that a fitted model must pass, and the facts that it was not fitted to."""
