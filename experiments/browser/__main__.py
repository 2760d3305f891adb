"""Opens the model in the browser: a living country in which the reader enters the war himself."""

import experiments.lab.stop  # noqa: F401  (first: Ctrl-C is heard while the rest is imported)

import contextlib
import ctypes
import importlib.util
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import click

from experiments.lab.command import OneLine, Refused, option
from experiments.lab.outputs import reason, whole

SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "Tightrope",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_KERNEL_MAX_COUNT": "30",  # so many pages at once; others wait
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",  # a world whose page is gone is dropped
}
MMAP_THRESHOLD = -3
"""What glibc calls M_MMAP_THRESHOLD."""
ROOT = Path(__file__).parents[2]
DRAWN = "draw 2 of the accepted worlds"
"""The world of the README's picture: one in which entering makes him fall in some forks, and not in all."""
EPILOG = """\b
Examples:
  python -m experiments.browser
  python -m experiments.browser --port 9000
  python -m experiments.browser --episode my-country.toml
  python -m experiments.browser --picture experiments/gallery/browser.png
  python -m experiments.browser --replay tightrope-belarus-2022-stay-seed-1.json --output run.csv
"""


@click.command(cls=OneLine, epilog=EPILOG)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default is this machine only."
)
@option("--episode", metavar="FILE", help="A TOML file: an episode of your own, offered first.")
@option("--port", default=8765, help="Port to listen on.")
@option("--replay", "file", help="Live the run of a downloaded recipe again, without a page.")
@option("--output", help="Where --replay writes the run's data as CSV.")
@option("--picture", help="Take the README's picture of the page, in Chromium.")
def main(
    host: str, port: int, episode: str | None, file: Path | None, output: Path | None, picture: Path | None
) -> None:
    """Serve Tightrope's page, or live the run of a recipe again."""
    if episode is not None:
        from experiments.browser.world import EPISODE_FILE
        from model.episode import load_episode

        load_episode(episode)
        os.environ[EPISODE_FILE] = str(Path(episode).absolute())
    if file is not None:
        _replay(file, output)
        return
    if output is not None:
        raise click.UsageError("--output goes with --replay")
    if importlib.util.find_spec("solara") is None:  # to import it takes a second, and the server does so again
        raise click.ClickException('the page needs the extra "browser": run make show')
    _address(host)
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, TypeError, UnicodeError) as error:  # a name that is none is refused in three ways
            message = f"cannot listen on {host}:{port}: {reason(error)}; give another with --port"
            raise Refused(message) from None
    if picture is not None:
        _take(picture, host, port)
        return
    click.echo(f"Tightrope is at http://{host}:{port} in some seconds; Ctrl-C ends it.")
    sys.stdout.flush()
    os.chdir(ROOT)
    _give_back()
    os.environ.update(SETTINGS | dict(os.environ))
    from experiments.browser.serve import serve  # Solara reads the settings when it is imported

    serve(host, port)


def _address(host: str) -> None:
    """Refuse a number that is no whole address: a system may take it for one, and a browser asks another.

    Raises:
        Refused: if it is none.
    """
    if host.replace(".", "").isdigit():
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise Refused(
                f"host = {host}; expected an address such as 127.0.0.1, or a name such as localhost"
            ) from None


def _server(host: str, port: int) -> list[str]:
    """Return the command of the page's server."""
    return [sys.executable, "-m", "experiments.browser", "--host", host, "--port", str(port)]


def _give_back() -> None:
    """Let large arrays go back to the system when a world is left, where its C library can be told so."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, 1 << 20)


def _take(picture: Path, host: str, port: int) -> None:
    """Take the README's picture: four weeks of 2022, then he enters the war; the next Sunday, and the chances."""
    from playwright.sync_api import Error, sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("a picture needs Chromium: apt-get install chromium")
    server = subprocess.Popen(_server(host, port), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with sync_playwright() as player:
            page = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page(
                viewport={"width": 1280, "height": 840}
            )
            page.set_default_timeout(120_000)
            for _ in range(240):
                try:
                    page.goto(f"http://{host}:{port}")
                    break
                except Error:  # not up yet
                    time.sleep(0.5)

            def press(name: str) -> None:
                page.get_by_role("button", name=name, exact=True).click()

            def choose(label: str, option: str) -> None:
                page.get_by_label(label).select_option(label=option)
                page.wait_for_timeout(500)

            page.get_by_text("Day 0 of").wait_for()
            choose("Numbers of the rules", DRAWN)
            press("Reset")
            for day in range(1, 33):
                press("Step")
                page.get_by_text(f"Day {day} of").wait_for()
                if day == 28:
                    press("Enter the war now")
                    press("Fork: a twin comes home")
            press("Chances now")
            page.get_by_text("50 of 50 forks").nth(1).wait_for()
            page.mouse.move(640, 20)
            page.wait_for_timeout(1_000)
            with whole(picture) as half:
                page.screenshot(path=half)
    except Error as error:
        raise click.ClickException(f"the picture could not be taken: {error}") from None
    finally:
        server.terminate()
        server.wait(30)
    click.echo(f"The picture is in {picture}")


def _replay(file: Path, output: Path | None) -> None:
    """Live a recipe's run again, say how it ended, and write its data."""
    from experiments.browser.world import read_recipe, replay
    from model.measures import summary

    try:
        world = replay(read_recipe(file.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError) as error:
        raise Refused(f"{file}: {reason(error)}") from None
    for message in world.messages:
        click.echo(message, err=True)
    for name, value in summary(world).items():
        click.echo(f"{name}: {value}")
    if output is not None:
        with whole(output) as half:
            world.series().to_csv(half)
        click.echo(f"The data of {world.day} days are in {output}")


if __name__ == "__main__":
    main()
