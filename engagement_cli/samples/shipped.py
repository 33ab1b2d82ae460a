"""The sample exports shipped with the program, in the wheel too."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.settings.sources import EventSource, Source, Sources

_PACKAGE = Path(__file__).resolve().parent.parent
# Inside the package when it is installed, beside it in a checkout.
_FOLDERS = (_PACKAGE / "sample_data", _PACKAGE.parent / "sample_data")
_SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


def _folder() -> Path:
    return next((f for f in _FOLDERS if f.is_dir()), _FOLDERS[0])


def shipped_sample() -> dict[str, Path]:
    """The sample's file of each source."""
    return {name: _folder() / f"{name}.csv" for name in _SOURCES}


def sample_sources() -> Sources:
    """The sample as configured sources: its aliases resolved and its exact repeats of an event id left out."""
    files = shipped_sample()
    return Sources(
        events=EventSource(path=(str(files["events"]),), dedupe="id"),
        surveys=Source(path=(str(files["surveys"]),)),
        subscriptions=Source(path=(str(files["subscriptions"]),)),
        customers=Source(path=(str(files["customers"]),)),
        audience=Source(path=(str(files["audience"]),)),
        identities=Source(path=(str(_folder() / "identities.csv"),)),
    )
