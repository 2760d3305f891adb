"""Which signs foretell a fall, how many days ahead, at how many false alarms."""
