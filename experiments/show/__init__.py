"""How results are said and drawn: words, figures, colours."""
