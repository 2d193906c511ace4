"""One web process: serves the pages on sockets it was handed (`python -m openkap.config.web_process FD...`)."""

import os
import socket
import sys

import uvicorn

from openkap.config.warming import read_routes, warm_soon

SECONDS_TO_FINISH = 3  # for requests that run; streams are cut and come back by themselves


class Server(uvicorn.Server):
    """Reads the routes, begins to answer, and then reads what else it will need."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        read_routes()
        await super().startup(sockets)
        warm_soon()


def main() -> None:
    """Serve until a signal to end."""
    # Threads come and go with requests, so connections are kept in a pool of the process.
    os.environ["OPENKAP_POOL"] = "1"
    sockets = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    configuration = uvicorn.Config(
        "openkap.config.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    Server(configuration).run(sockets=sockets)


if __name__ == "__main__":
    main()
