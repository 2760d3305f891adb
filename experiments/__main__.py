"""What can be asked? Lists every question, with its command and how long it takes."""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import click

from experiments.lab.command import OneLine
from experiments.show.questions import listed

EXAMPLES = """\b
Examples:
  python -m experiments
  python -m experiments.war_entry --help"""


@click.command(cls=OneLine, help=(__doc__ or "").strip(), epilog=EXAMPLES)
def main() -> None:
    """List the questions (see the top of this file)."""
    click.echo(listed())


if __name__ == "__main__":
    main()
