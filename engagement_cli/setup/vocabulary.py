"""What an event's name says about it: the kind of event, from the words in the name, with its weight and dimension.

The first kind that has one of the words decides; the order goes from what changes a meaning (a cancelled order is a
cancellation) to what hardly says anything (a view).
"""

from __future__ import annotations

import re

from engagement_cli.records import Record
from engagement_cli.settings.scoring import Degree, FourI


class Kind(Record):
    """A kind of event. A weight of zero or less is no activity; `words` are stems that a word starts with."""

    name: str
    weight: float
    dimension: FourI | None
    words: tuple[str, ...]
    degree: Degree | None = None

    @property
    def active(self) -> bool:
        """Whether such an event counts as being active."""
        return self.weight > 0


KINDS = (
    Kind("leaving", -10, None, ("cancel", "unsubscri", "churn", "uninstall", "delete_account", "close_account")),
    Kind("refund", -5, None, ("refund", "return_item", "chargeback", "dispute", "complain")),
    Kind("done to the customer", 0, None, ("deliver", "impression", "bounce", "received", "email_sent", "push_sent")),
    Kind("support", 2, "intimacy", ("support", "feedback", "ticket", "helpdesk", "brand_search", "sentiment")),
    Kind("purchase", 10, "involvement", ("purchas", "order", "checkout", "bought", "buy", "pay", "paid", "renew")),
    Kind("friends and groups", 6, "influence", ("friend", "follow", "communit", "connect", "network"), "very_high"),
    Kind(
        "passing on", 6, "influence", ("share", "invit", "refer", "forward", "recommend", "retweet", "embed", "widget")
    ),
    Kind("creating", 5, "interaction", ("upload", "blog", "post", "creat", "publish", "podcast", "photo"), "high"),
    Kind("judging", 4, "interaction", ("comment", "review", "rate", "rating", "vote", "reply", "endors"), "medium"),
    Kind("collecting", 3, "interaction", ("bookmark", "favo", "like", "tag", "save", "wishlist", "join"), "low"),
    Kind(
        "acting",
        3,
        "interaction",
        ("message", "video", "chat", "play", "watch", "listen", "workout", "lesson", "exercise"),
    ),
    Kind(
        "using",
        2,
        "interaction",
        ("feature", "used", "search", "export", "download", "cart", "add", "edit", "complet"),
    ),
    Kind("joining", 3, "involvement", ("subscri", "signup", "sign_up", "signed_up", "register", "trial", "install")),
    Kind(
        "being there", 1, "involvement", ("login", "signin", "log_in", "logged", "sign_in", "open", "visit", "session")
    ),
    Kind("looking", 0.5, "involvement", ("page", "view", "screen", "click", "read", "browse", "impress", "scroll")),
)
OTHER = Kind("other", 1, None, ())

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


def kind_of_event(name: str) -> Kind:
    """The kind that the words of an event's name speak of; `OTHER` where none is known."""
    spelled = "_" + _NOT_LETTERS.sub("_", _CAMEL.sub("_", name).lower()).strip("_")
    return next((kind for kind in KINDS if any(f"_{stem}" in spelled for stem in kind.words)), OTHER)
