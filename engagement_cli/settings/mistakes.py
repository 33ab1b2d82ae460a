"""How a value that cannot be is reported: what it is, and what to do about it."""

from __future__ import annotations


class SettingError(ValueError):
    """A value that cannot be, with what to do about it."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(what)


def shown(value: object) -> str:
    """A given value for a message: short, in YAML's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:60]!r}{' …' if len(value) > 60 else ''}"
    return "a mapping" if isinstance(value, dict) else "a list"
