"""The question of the media grip: what if he had Putin's?"""
