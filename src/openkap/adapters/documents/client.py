"""Typst as the setter of documents: PDF/A-2a, PDF/UA-1, its own font, no network, bounded."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openkap.adapters.documents.port import CannotRender

PACKAGE = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
STANDARDS = ("a-2a", "ua-1")  # for keeping, and for screen readers
SECONDS = 20.0
MEGABYTES = 2048


@dataclass(frozen=True)
class TypstDocuments:
    """Compiles in a child process: a compilation cannot be interrupted from within, a process can be ended."""

    seconds: float = SECONDS
    root: Path = PACKAGE

    def render(self, template: str, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
        """See `port.Documents`."""
        source = self._inside(template)
        asked = {
            "template": str(source),
            "root": str(self.root),
            "fonts": str(HERE / "fonts"),
            "data": json.dumps(data, ensure_ascii=False),
            "timestamp": int(made_at.timestamp()),
            "standards": STANDARDS,
            "megabytes": MEGABYTES,
        }
        return self._compile(template, json.dumps(asked).encode())

    def _inside(self, template: str) -> Path:
        source = (self.root / template).resolve()
        if not source.is_relative_to(self.root) or source.suffix != ".typ" or not source.is_file():
            raise CannotRender("There is no document template '%(template)s'.", template=template)
        return source

    def _compile(self, template: str, asked: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603  our own interpreter, our own file
                [sys.executable, "-I", str(HERE / "compiling.py")],
                input=asked,
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotRender(
                "The document '%(template)s' took too long to make. Try again.", template=template
            ) from None
        if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
            raise CannotRender(
                "The document '%(template)s' could not be made. Its template has a fault.", template=template
            )
        return done.stdout


documents = TypstDocuments()
