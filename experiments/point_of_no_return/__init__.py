"""After how many days in the war does coming home no longer save him?"""
