"""Dated samples of what can be measured, locked with their hash."""
