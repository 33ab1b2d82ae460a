"""Lines of delimited text: are all of them plainly well-formed?"""

from __future__ import annotations

import numpy as np

from engagement_cli.native.library import function

_regular = function("lines_regular", np.uint8, int, int, int)


def lines_regular(text: bytes, delimiter: bytes, cells: int, size: int | None = None) -> bool:
    """Whether every line of a text, or of its first bytes, is blank or has so many cells, with quotes around whole
    cells alone.

    What is looked at ends with a line break (`\\n`, or `\\r\\n`). A cell in quotes holds delimiters, and quotes twice
    each, but no line break. `ValueError` for a text that does not end so, and for a delimiter of several bytes.
    """
    size = len(text) if size is None else size
    if text[size - 1 : size] != b"\n" or len(delimiter) != 1 or delimiter in (b"\n", b"\r", b'"'):
        raise ValueError("a text of whole lines, and a delimiter of one byte")
    return _regular(np.frombuffer(text, np.uint8), size, delimiter[0], cells - 1) == 1
