"""Would a leader who wants to keep his job enter, as his patron's pressure rises, and how wrong must he be to do it?"""
