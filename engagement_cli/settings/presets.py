"""Where the shipped configurations are."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.errors import UserError, did_you_mean

_PACKAGE = Path(__file__).resolve().parent.parent
# Inside the package when it is installed, beside it in a checkout.
_FOLDERS = (_PACKAGE / "configs", _PACKAGE.parent / "configs")


def shipped_presets() -> tuple[str, ...]:
    """The names of all presets, `default` among them."""
    return tuple(sorted(file.stem for file in _folder().glob("*.yaml")))


def shipped_preset(name: str) -> Path:
    """The file of a preset such as `default` or `saas`. Raises UserError that suggests the known ones."""
    folder = _folder()
    file = folder / f"{name}.yaml"
    if file.parent != folder or not file.is_file():
        raise UserError(f"there is no preset {name!r}", hint=did_you_mean(name, shipped_presets()))
    return file


def _folder() -> Path:
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])
