"""Is the tipping an artefact of few agents?"""
