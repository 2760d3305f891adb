"""The citizens: their rules, the population as columns, its compiled day, what moves it and what it sees."""
