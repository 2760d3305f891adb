"""At which losses does entry tip the country into an uprising, and what moves that line?"""
