"""Coup attempts and falls in quiet years, under mass protest and in war, beside what was published."""
