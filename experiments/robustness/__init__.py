"""One specification curve of the headline: does the reader see the world or the modeller?"""
