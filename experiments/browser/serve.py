"""Serves the page with Solara: to its owner alone, without a network, and gone at Ctrl-C.

Solara's own command looks for news of itself on the internet, fetches what it lacks from a content network, and waits
for every page to be closed before it ends. Here a page's files come from this machine or not at all, and nothing that
the server does may leave it.
"""

import logging
import os
import signal
import sys
import warnings
from types import FrameType
from typing import Any, NoReturn

import click
import uvicorn

from experiments.browser.documents import DOCUMENTS, SHELF
from experiments.browser.gate import EVERYWHERE, LOCAL, Gate, is_address

PAGE = "experiments.browser.app"
SHUT = ("/resourcez", "/_solara/api/evict/{kernel_id}")
"""What Solara would tell or do for anyone."""
REPAIRS = {
    "<html>": '<html lang="en">',
    "width=device-width, initial-scale=1, maximum-scale=1, user-scalable=no, minimal-ui": (
        "width=device-width, initial-scale=1"
    ),
    "return theme.variant;": "return 'auto';",
}
"""What is put right in Solara's document: it has no language, no zoom, and is light where the system is dark."""


class LeavesMachineError(PermissionError):
    """Something would have asked another machine."""


def stay(event: str, arguments: tuple) -> None:
    """Refuse what would leave this machine; an audit hook, so nothing in this process gets around it.

    >>> stay("socket.connect", (None, ("127.0.0.1", 80)))
    >>> stay("socket.getaddrinfo", ("cdn.example", 443, 0, 0, 0))
    Traceback (most recent call last):
    experiments.browser.serve.LeavesMachineError: the page would have asked cdn.example: refused
    """
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[-1]
        asked = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        asked = arguments[0]
    else:
        return
    name = asked.decode() if isinstance(asked, bytes) else str(asked or "")
    here = name in LOCAL or name in EVERYWHERE or (is_address(name) and name.startswith("127."))
    if not here and not (event == "socket.getaddrinfo" and is_address(name)):  # an address is looked up nowhere
        reason = f"the page would have asked {name}: refused"
        click.echo(reason, err=True)
        raise LeavesMachineError(reason)


def application(host: str) -> Gate:
    """Return Solara's application behind the gate: its routes, less those that are shut, with files from here alone."""
    from solara.server import settings
    from solara.server import starlette as solaras
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute, Mount, Route
    from starlette.staticfiles import StaticFiles

    class Shelf(solaras.StaticCdn):
        """Files of the page's libraries; what is not there is fetched from nowhere."""

        lookup_path = StaticFiles.lookup_path

    async def document(request: Request) -> Response:
        answer = await solaras.root(request, request.path_params.get("fullpath", ""))
        text = bytes(answer.body).decode()
        for wrong, right in REPAIRS.items():
            text = text.replace(wrong, right, 1)
        answer.body = text.encode()
        answer.headers["content-length"] = str(len(answer.body))
        return answer

    def own(route: Any) -> BaseRoute:
        if isinstance(route, Mount) and isinstance(route.app, solaras.StaticCdn):
            return Mount(route.path, app=Shelf(directory=settings.assets.proxy_cache_dir))
        if isinstance(route, Route) and route.endpoint is solaras.root:
            return Route(route.path, endpoint=document)
        return route

    def read(request: Request) -> Response:
        file = DOCUMENTS.get(request.path_params["name"])
        if file is None:
            return Response("There is no such document.\n", 404, media_type="text/plain")
        return Response(file.read_text(encoding="utf-8"), media_type="text/plain")

    routes: list[BaseRoute] = [Route(f"{SHELF}/{{name}}", endpoint=read)]
    routes += [own(route) for route in solaras.routes if getattr(route, "path", "") not in SHUT]
    return Gate(Starlette(routes=routes, lifespan=solaras.lifespan, middleware=solaras.middleware), host)


class Server(uvicorn.Server):
    """A server that ends at once: it writes nothing that could be left half done, and a page may be playing."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> NoReturn:
        """End the process as a shell expects it."""
        if sig == signal.SIGINT:
            click.echo("Stopped.", err=True)
        sys.stderr.flush()
        os._exit(128 + sig)


def serve(host: str, port: int) -> None:
    """Serve the page until Ctrl-C."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s: %(message)s")
    # Two that are no faults: a websocket that was refused, and a cookie that cannot be for pages elsewhere.
    logging.getLogger("uvicorn.error").addFilter(lambda said: "without completing handshake" not in said.getMessage())
    warnings.filterwarnings("ignore", "Cookies with samesite")
    os.environ["SOLARA_APP"] = PAGE
    sys.addaudithook(stay)
    config = uvicorn.Config(
        application(host), host=host, port=port, loop="asyncio", log_config=None, access_log=False, server_header=False
    )
    Server(config).run()
