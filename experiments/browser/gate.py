"""Who may use the page: its owner alone.

A page on a reader's machine is within reach of every website that he opens meanwhile: by a name of its own that is made
to point at this machine (DNS rebinding), by a websocket, or by a frame. So a request is answered if it names the page
as its owner does, and comes from the page itself. What is refused takes no place among the worlds.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names by which a machine calls itself."""
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})
"""Addresses to listen on that stand for all of a machine's."""
PROMISES = (
    (
        b"content-security-policy",
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
"""What a browser is told: load nothing from elsewhere, be nobody's frame."""

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Message, Receive, Send], Awaitable[None]]


def name_of(host: str) -> str:
    """Return the name in what a browser calls a host, without its port.

    A port is not asked for: a tunnel has another one than the page, and a stranger cannot gain by it.

    >>> name_of("localhost:8765"), name_of("[::1]:8765"), name_of("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_address(name: str) -> bool:
    """Return whether a name is an address itself: nobody can make it point elsewhere.

    >>> is_address("192.0.2.1"), is_address("rebound.example")
    (True, False)
    """
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_own(name: str, listening: str) -> bool:
    """Return whether a page that listens on an address is called so.

    >>> is_own("localhost", "127.0.0.1"), is_own("rebound.example", "127.0.0.1"), is_own("192.0.2.1", "0.0.0.0")
    (True, False, True)
    """
    if listening in EVERYWHERE:
        return name in LOCAL or is_address(name) or name == socket.gethostname().lower()
    return name == listening.lower() or (name in LOCAL and listening in LOCAL)


def refusal(listening: str, headers: Iterable[tuple[bytes, bytes]], websocket: bool = False) -> str:
    """Return in a line why a request is refused, or nothing.

    >>> refusal("127.0.0.1", [(b"host", b"localhost:8765")])
    ''
    >>> refusal("127.0.0.1", [(b"host", b"rebound.example")])
    'Refused: this page is not rebound.example. Open it by the address that its command printed.'
    >>> refusal("127.0.0.1", [(b"host", b"localhost:1"), (b"origin", b"https://a.example")], websocket=True)
    'Refused: https://a.example may not use this page.'
    """
    said: dict[str, list[str]] = {}
    for name, value in headers:
        said.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    hosts, origins = said.get("host", []), said.get("origin", [])
    if len(hosts) != 1 or not is_own(name_of(hosts[0]), listening):
        called = ", ".join(hosts)[:80] or "without a name"
        return f"Refused: this page is not {called}. Open it by the address that its command printed."
    if any(origin != f"http://{hosts[0]}" for origin in origins) or (websocket and not origins):
        return f"Refused: {', '.join(origins)[:80] or 'what is no page'} may not use this page."
    elsewhere = said.get("sec-fetch-site", ["none"])[0] not in ("none", "same-origin")
    if elsewhere and said.get("sec-fetch-dest", [""])[0] != "document":
        return "Refused: another page may link to this one, and not use it."
    return ""


class Gate:
    """Stands before an ASGI application that listens on an address, and lets in what ``refusal`` does not refuse."""

    def __init__(self, app: App, listening: str) -> None:
        self.app = app
        self.listening = listening

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        reason = refusal(self.listening, scope["headers"], scope["type"] == "websocket")
        if reason:
            await _refuse(scope, send, reason)
            return

        async def promise(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *PROMISES]
            await send(message)

        await self.app(scope, receive, promise)


async def _refuse(scope: Message, send: Send, reason: str) -> None:
    """Answer 403 and the reason; a websocket is not opened."""
    kind = "http" if scope["type"] == "http" else "websocket.http"
    if kind != "http" and "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    body = f"{reason}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": f"{kind}.response.start", "status": 403, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": body})
