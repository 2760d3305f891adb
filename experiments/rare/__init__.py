"""How likely is what is too rare to count? Chances by splitting: the lives that come nearest are lived on, anew."""
