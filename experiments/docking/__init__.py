"""Do our rules hold models that are known as special cases, reached by switches and numbers?"""
