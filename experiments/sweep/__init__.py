"""How does the ending change with any numbers of the world, over any design of them?"""
