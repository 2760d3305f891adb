"""The browser page: a living country in which the reader enters the war himself."""
