"""What a locked forecast was worth, once the days have come."""
