"""`openkap health`: ask a running server whether it is well."""

import argparse
import json
import urllib.error
import urllib.request

from openkap.errors import NotAllowedNow


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the options."""
    parser.add_argument("--port", type=int, default=8000, help="where it serves (default 8000)")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(options: argparse.Namespace) -> int:
    """Print what `GET /health` says; exit code 0 when all is well, else 1."""
    answer = _ask(options.port)
    if options.json:
        print(json.dumps(answer))
    else:
        print("\n".join(f"{name}: {value}" for name, value in answer.items()))
    return 0 if answer.get("status") == "ok" else 1


def _ask(port: int) -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health", timeout=10) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return dict(json.load(error))
        raise NotAllowedNow(f"What answers on port {port} is not OpenKAP.") from error
    except (OSError, ValueError) as error:
        raise NotAllowedNow(f"Nothing answers on port {port}. Is `openkap serve` running there?") from error
