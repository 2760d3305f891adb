"""Which worlds fit the wave of 2020, and which numbers does it teach us?"""
