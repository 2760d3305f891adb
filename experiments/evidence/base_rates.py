"""Base rates, beside which any chance of the model must be read; ``model/data/facts.md`` names their sources."""

JOINERS = (
    "REFERENCE CLASS: of 43 autocrats who joined a war already under way (1914 to 2003) one was ousted irregularly "
    "within a year; joiners fell late, by elites, after defeat."
)
BASE_RATES = (
    "Coup attempts in personalist regimes, 1990-2010: 6.0 a hundred years, of which 30 % succeed.",
    "Autocratic breakdown: 4.9 a hundred years (personalist regimes: 5.7).",
    "Nonviolent campaigns for a change of regime, 1945-2006, succeed in 54 % [35 to 71] where the regime has open "
    "outside support, else in 87 % [70 to 95] (NAVCO 2.0).",
)
