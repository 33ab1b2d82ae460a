"""JSON: one object, its members on a line each and its rows on a line each, so that two files can be compared."""

from __future__ import annotations

import json
from typing import IO

from engagement_cli.render.data import envelope, json_text
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the document as JSON (UTF-8, no NaN)."""
    members = (f"{json.dumps(key)}: {json_text(value)}" for key, value in envelope(document).items())
    stream.write(("{\n" + ",\n".join(members) + "\n}\n").encode())
