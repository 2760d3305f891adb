"""Crises of other countries, foretold from their largest crowd."""
