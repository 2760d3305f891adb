"""The documents that the page serves to read, as plain text: no network is needed."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = {
    "README.md": ROOT / "README.md",
    "ODD.md": ROOT / "model" / "ODD.md",
    "sources.md": ROOT / "model" / "sources.md",
}
"""Which file a name stands for; nothing else is served."""
SHELF = "/documents"
"""Under which address."""
