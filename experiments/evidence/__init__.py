"""What was seen: the wave of 2020, facts of 2022, other countries."""
