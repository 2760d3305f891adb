"""How likely is each ending if he stays out of the war and if he enters it, and when?"""
