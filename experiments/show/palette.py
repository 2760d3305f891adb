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
