"""The colours of figures and page: one meaning, one colour, told apart by colour-blind eyes too (Okabe-Ito 2008)."""

BLACK, GREY = "#000000", "#999999"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"

ENDING_COLOURS = {"survived": SKY, "uprising": VERMILLION, "coup": PURPLE, "replaced_by_moscow": ORANGE}
"""Keys are the values of ``model.outcomes.Ending``."""

ARM_COLOURS = {"stay": BLUE, "enter": VERMILLION, "decide": GREEN}
"""Keys are the values of ``model.simulation.Arm``."""

STATUS_COLOURS = {"home": GREY, "street": VERMILLION, "detained": PURPLE, "exile": SKY, "volunteer": GREEN}
"""Keys are the names of ``agents.citizen.Status``, in small letters."""

DOING_COLOURS = {
    "idle": GREY,
    "obeying": BLUE,
    "shirking": SKY,
    "aside": ORANGE,
    "front": YELLOW,
    "refusing": BLACK,
}
"""Keys are the names of ``agents.security.Doing``, in small letters."""

LIGHT = {
    "ink": "#1b1f24", "soft": "#5a6370", "line": "#d9dde2", "paper": "#ffffff", "ground": "#f6f7f8",
    "accent": "#0072b2",
}  # fmt: skip
DARK = {
    "ink": "#eceff2", "soft": "#a6afb9", "line": "#3a4048", "paper": "#1d2126", "ground": "#14171a",
    "accent": "#56b4e9",
}  # fmt: skip
"""What a page is drawn in, by day and in the dark, by the names of its style sheet's variables."""
