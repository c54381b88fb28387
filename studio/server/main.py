"""Run the server on sockets that are bound already."""

from __future__ import annotations

import signal
import socket

import uvicorn
from fastapi import FastAPI

from studio.host.isolation import hide_memory, relax_collector
from studio.server.app import create_app
from studio.settings import Settings
from studio.startup import check_listening, check_startup

_STOP_SECONDS = 1


def serve(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve until SIGTERM or SIGINT, then end within two seconds, open streams or not."""
    check_startup(settings)
    prepare_sockets(sockets)
    relax_collector()
    hide_memory()  # our token is not for other processes of the same person
    server = make_server(create_app(settings))
    # uvicorn raises the signal again when it is done; a server that was told to stop ends with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=sockets)


def prepare_sockets(sockets: list[socket.socket]) -> None:
    """Nobody but this machine may connect, whoever bound the sockets."""
    for item in sockets:
        address = item.getsockname()
        host = address[0] if item.family in (socket.AF_INET, socket.AF_INET6) else str(address)
        check_listening(host)
        # Connections inherit it; without it an answer may wait 40 ms for the client's ACK.
        item.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def make_server(app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # no proxy of ours sets them, so nobody else may
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """Ends event streams first: they would hold the server open for as long as it waits."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.parts.feed.close()  # type: ignore[union-attr]
        await super().shutdown(sockets)
