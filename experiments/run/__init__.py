"""What happens in one episode, day by day, over many worlds or seeds?"""
