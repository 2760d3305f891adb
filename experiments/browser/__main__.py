"""Opens the model in the browser: a living country in which the reader enters the war himself."""

import json
import os
import sys
from pathlib import Path

import click

SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": "1048576",  # large arrays go back to the system when a world is left
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",  # a world whose page is gone is dropped
}
EPILOG = """\b
Examples:
  python -m experiments.browser
  python -m experiments.browser --port 9000
  python -m experiments.browser --replay tightrope-belarus-2022-stay-seed-1.json --output run.csv
"""


@click.command(epilog=EPILOG)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default is this machine only."
)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--replay",
    "file",
    type=click.Path(path_type=Path),
    help="Live the run of a downloaded recipe again, without a page.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Where --replay writes the run's data as CSV.")
def main(host: str, port: int, file: Path | None, output: Path | None) -> None:
    """Serve Tightrope's page, or live the run of a recipe again."""
    if file is not None:
        _replay(file, output)
        return
    if output is not None:
        raise click.UsageError("--output goes with --replay")
    try:
        import solara  # noqa: F401
    except ImportError:
        raise click.ClickException('the page needs the extra "browser": run make show') from None
    click.echo(f"Tightrope is at http://{host}:{port} in some seconds; Ctrl-C ends it.")
    environment = SETTINGS | dict(os.environ)
    root = Path(__file__).parents[2]
    os.chdir(root)
    command = [sys.executable, "-m", "solara", "run", "experiments.browser.app", "--host", host, "--port", str(port)]
    sys.stdout.flush()
    os.execve(sys.executable, [*command, "--no-open", "--production"], environment)


def _replay(file: Path, output: Path | None) -> None:
    """Live a recipe's run again, say how it ended, and write its data."""
    from experiments.browser.world import replay
    from model.measures import summary

    try:
        world = replay(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file}: {error}") from None
    for message in world.messages:
        click.echo(message, err=True)
    for name, value in summary(world).items():
        click.echo(f"{name}: {value}")
    if output is not None:
        world.series().to_csv(output)
        click.echo(f"The data of {world.day} days are in {output}")


if __name__ == "__main__":
    main()
