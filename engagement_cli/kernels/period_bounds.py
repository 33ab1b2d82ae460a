"""Which period an instant lies in, given the instants at which the periods begin."""

from engagement_cli.native.periods import period_index

__all__ = ["period_index"]
