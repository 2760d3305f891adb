"""The world: a country in an episode, its days in order, and every number it uses."""
