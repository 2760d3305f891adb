"""Hidden countries: their data, three tasks, the truth sealed, and the answers of our own tools scored."""
