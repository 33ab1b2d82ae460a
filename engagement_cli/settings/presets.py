"""Where the shipped configurations are."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.errors import UserError, did_you_mean

_PACKAGE = Path(__file__).resolve().parent.parent
# Inside the package when it is installed, beside it in a checkout.
_FOLDERS = (_PACKAGE / "configs", _PACKAGE.parent / "configs")


def shipped_preset(name: str) -> Path:
    """The file of a preset such as `default` or `saas`. Raises UserError that suggests the known ones."""
    folder = next((f for f in _FOLDERS if f.is_dir()), _FOLDERS[0])
    file = folder / f"{name}.yaml"
    if file.parent != folder or not file.is_file():
        known = [p.stem for p in folder.glob("*.yaml")]
        raise UserError(f"there is no preset {name!r}", hint=did_you_mean(name, known))
    return file
