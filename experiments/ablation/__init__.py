"""Which of the article's sentences carry the answer, and which do nothing here?"""
