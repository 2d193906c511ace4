"""What can go wrong with the embedded server."""

from openkap.errors import OpenkapError


class ServerTrouble(OpenkapError):
    """The embedded PostgreSQL cannot be set up, started or reached; the message says what to do."""

    code = "database-server"
