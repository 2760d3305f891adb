"""Serves the page with Solara; ends as every command does after Ctrl-C."""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import sys

import click
from solara.__main__ import cli


def serve() -> None:
    """Serve the page until Ctrl-C; what is given on the command line goes on to Solara."""
    try:
        cli(["run", "experiments.browser.app", *sys.argv[1:]], standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        raise SystemExit(130) from None


if __name__ == "__main__":
    serve()
