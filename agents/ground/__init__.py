"""The ground that all actors stand on: keyed dice, the compiler of the rules, rows of columns as objects."""
