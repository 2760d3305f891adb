"""What entry, long war and defeat do to the street, beside what they did elsewhere."""
