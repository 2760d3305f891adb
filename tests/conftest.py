"""What all tests share: properties are checked on the same examples every time, and never timed."""

from hypothesis import settings

settings.register_profile("tightrope", deadline=None, derandomize=True)
settings.load_profile("tightrope")
