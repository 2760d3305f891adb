"""What does a citizen's day cost, and what bounds it?"""
