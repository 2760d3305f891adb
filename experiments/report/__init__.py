"""All questions on a small budget, on one page."""
