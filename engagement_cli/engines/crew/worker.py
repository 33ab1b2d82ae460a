"""What a process of the crew does: it measures the buckets that it is told to, and keeps the states until the end."""

from __future__ import annotations

import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor

from engagement_cli.engines.crew.channel import Channel
from engagement_cli.engines.heap import hold_freed
from engagement_cli.engines.measuring import Measuring, Order
from engagement_cli.engines.passes import Part, Totals
from engagement_cli.records import Record, replace

END = "end"


class Done(Record):
    """What a bucket gave besides states."""

    bucket: int
    parts: list[Part]


class Failed(Record):
    """What went wrong, and where."""

    error: Exception
    trace: str


def serve(channel: Channel) -> None:
    """Work until nobody is at the other end.

    For each `Measuring` come `Order`s, each of which is answered by `Done`, then `END`, which a `Part` of all states
    answers. `Failed` comes instead of an answer, and ends the work.
    """
    hold_freed()
    listening = ThreadPoolExecutor(1)  # the next order comes while one is worked on
    try:
        while True:
            channel.send(_measure(channel, listening, channel.receive()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except BaseException as error:  # a panic of Polars is no Exception
        channel.send(Failed(_sendable(error), traceback.format_exc()))


def _sendable(error: BaseException) -> Exception:
    """The error, or one that tells of it where another process could not make it again."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # it holds what cannot be sent, or is not made from its message alone
        return RuntimeError(repr(error))
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def _measure(channel: Channel, listening: ThreadPoolExecutor, work: Measuring) -> Part:
    gathered = work.run.work  # a copy, in which nothing was gathered
    coming = listening.submit(channel.receive)
    while isinstance(order := coming.result(), Order):
        coming, found = listening.submit(channel.receive), []
        for part in work.measure(order):
            gathered.add(replace(part, profiles=None, kept=None))
            found.append(Part(Totals(), {}, part.profiles, part.kept))
        channel.send(Done(order.bucket, found))
    return Part(gathered.totals, gathered.states(), None, None)
