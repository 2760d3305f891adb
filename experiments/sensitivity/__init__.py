"""Which numbers carry the answer, and how much of it is chance."""
