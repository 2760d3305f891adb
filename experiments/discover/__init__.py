"""Where in the space of numbers the falls lie: boxes, in sentences."""
