"""Run as a process of its own: compiles one document. JSON on standard input, the PDF on standard output.

It imports nothing of OpenKAP and opens no connection: Typst would fetch packages only for a template that names
one, which is refused here.
"""

import json
import resource
import sys
import tempfile
from pathlib import Path

import typst


def main() -> None:
    """Compile what was asked for; on a fault say what it is on standard error and end with 1."""
    asked = json.load(sys.stdin)
    most = asked["megabytes"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if any(
        '"@' in source.read_text(encoding="utf-8") for source in Path(asked["template"]).parent.glob("*.typ")
    ):
        sys.exit("a template names a package")
    with tempfile.TemporaryDirectory() as empty:
        sys.stdout.buffer.write(
            typst.compile(
                asked["template"],
                root=asked["root"],
                font_paths=[asked["fonts"]],
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"data": asked["data"]},
                pdf_standards=asked["standards"],
                timestamp=asked["timestamp"],
                package_path=empty,
                package_cache_path=empty,
            )
        )


if __name__ == "__main__":
    try:
        main()
    except typst.TypstError as error:
        sys.exit(str(error))
