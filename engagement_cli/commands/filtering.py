"""What `--where` filters, and which sources it cannot: of these no row may count beside filtered ones."""

from __future__ import annotations

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports, as_texts, sql_columns


def uncounted(where: str | None, exports: Exports, settings: Settings) -> dict[str, str]:
    """The sources that a predicate leaves out, and why. Raises `UserError` where it fits none of them.

    A source is filtered if it has all columns of the predicate. Rows of subscriptions are never filtered one by one:
    a customer who changes the plan would look like one who left.
    """
    if where is None:
        return {}
    wanted, names = sql_columns(where, "--where"), exports.names()
    reasons = {}
    for source, known in names.items():
        missing = sorted(wanted - known)
        if missing:
            reasons[source] = f"--where cannot filter {source}: no column {' and '.join(missing)}"
        elif source == "subscriptions":
            reasons[source] = "--where does not filter subscriptions; --by divides them"
        else:
            as_texts(exports.sources[source], where, "--where")  # it must fit the types of the columns
    if len(reasons) == len(names):
        if wanted <= names.get("subscriptions", set()):
            raise UserError(reasons["subscriptions"], where="--where")
        main = names.get("events") or next(iter(names.values()))
        unknown = sorted(wanted - main)
        hint = text_hint(unknown[0], where) or did_you_mean(unknown[0], main)
        raise UserError(f"no export has the column {' and '.join(unknown)}", where="--where", hint=hint)
    if settings.costs:
        reasons["costs"] = "--where does not filter the costs of the configuration"
    return reasons


def text_hint(name: str, rule: str) -> str | None:
    """A hint where a name that is no column stands in double quotes, as shells and other languages write texts."""
    return f"a text has single quotes: '{name}'" if f'"{name}"' in rule else None
