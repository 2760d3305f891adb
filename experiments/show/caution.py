"""What every page that is sent on must say: what is not known, and what it must not be used for."""

NOT_KNOWN = (
    "Belarus never entered. Fitted are the revolt of 2020, the crackdown, and the answer to the lending of the land in "
    "February 2022; how people would answer a step into the war is carried over from there by an assumption with a "
    "name: anger grows along the ladder as the distances between polls do.",
    "How far that assumption is wrong (beyond), whether soldiers would consent at the front, and what losses would "
    "come are informed by nothing that was observed. The intervals tell how well the runs know the model's answer, "
    "not how well the model knows the country.",
    "It is no forecast, it names no places beyond the published regions, and it must not be used to plan repression or "
    "a coup. Fear biases polls; the claims of belligerents carry no weight.",
)
"""What the pages close with."""
