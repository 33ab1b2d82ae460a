"""What Spark says when something fails there, in words that help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engagement_cli.engines.spark.entry import own_versions
from engagement_cli.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_WHERE = "--engine spark"
_SAME = "install the same release of engagement-cli, with the same Polars, on every machine of the cluster"
_MISSING = re.compile(r"No module named '(engagement_cli|polars|pyarrow|numpy|pydantic)")


def refuse_other_versions(said: Iterable[str]) -> None:
    """Raise UserError where an executor runs other releases than this process."""
    own = own_versions()
    for other in said:
        if other != own:
            raise UserError(f"the cluster has {other}; this machine has {own}", where=_WHERE, hint=_SAME)


@contextmanager
def told(session: SparkSession) -> Iterator[None]:
    """Spark's errors become the user's; when the user interrupts, so is what runs on the cluster."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        if (stop := _stopped_by(error)) is not None:  # what Spark then says is of no interest
            raise stop from None
        raise _as_user_error(str(error)) from error
    except (KeyboardInterrupt, SystemExit):
        session.interruptAll()
        raise


def _stopped_by(error: BaseException) -> BaseException | None:
    """The interrupt or the signal during which an error was raised, if that is how it came about."""
    before = error.__context__
    while before is not None and isinstance(before, Exception):
        before = before.__context__
    return before


def _as_user_error(said: str) -> UserError:
    if (missing := _MISSING.search(said)) is not None:
        return UserError(f"an executor of the cluster has no {missing[1]}", where=_WHERE, hint=_SAME)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    reason = (causes[-1:] or lines[:1] or ["it said no reason"])[0]
    return UserError(f"Spark failed: {reason}", where=_WHERE, hint="its own logs tell more")
