"""What a sector declares: its words, its rates, its prices. The machinery that reads them is the same for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Access = Literal["everyone", "customers"]
DetailKind = Literal["none", "feature", "content", "order", "ticket", "campaign"]
AmountKind = Literal["none", "money", "rating", "sentiment"]


@dataclass(frozen=True)
class Action:
    """Something done within a session.

    Its share of a session's actions is `weight · exp(slope · engagement)`, engagement being about −2…2. `access`
    "customers" leaves it to those in a trial or on a plan.
    """

    name: str
    weight: float
    slope: float = 0.0
    access: Access = "everyone"
    detail: DetailKind = "none"
    amount: AmountKind = "none"


@dataclass(frozen=True)
class Plan:
    """A plan and its price a month for the smallest company."""

    name: str
    price: float


@dataclass(frozen=True)
class Subscribing:
    """Chances that move a customer between trial, plans and leaving; a week unless said otherwise."""

    trial_days: int
    trial_at_signup: float
    trial_later: float
    conversion: float
    churn: float
    upgrade: float
    downgrade: float
    reactivation: float
    direct: float


@dataclass(frozen=True)
class Rates:
    """How often the structured stories begin, a customer and week, at an engagement of 0."""

    sessions: float
    actions: float
    orders: float
    tickets: float
    mail_every_weeks: int
    ads: float


@dataclass(frozen=True)
class Sector:
    """One kind of business, entirely as data."""

    name: str
    actions: tuple[Action, ...]
    features: tuple[tuple[str, float], ...]
    plans: tuple[Plan, ...]
    subscribing: Subscribing
    rates: Rates
    ad_campaigns: tuple[str, ...]
    mail_campaigns: tuple[str, ...]
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    months: tuple[float, ...]
    comments: dict[str, dict[str, tuple[str, ...]]]

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every event name; its position is the code that the generator works with."""
        return tuple(kind.name for kind in self.kinds)

    @property
    def kinds(self) -> tuple[Action, ...]:
        """What each name of the vocabulary carries: the stories' names first, as their codes are fixed."""
        return STORIES + tuple(action for action in self.actions if action.name not in CODES)

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Campaigns of advertisements, then those of e-mail."""
        return self.ad_campaigns + self.mail_campaigns


STORIES: tuple[Action, ...] = (
    Action("page_view", 0),
    Action("login", 0),
    Action("app_open", 0),
    Action("signup", 0),
    Action("trial_started", 0),
    Action("add_to_cart", 0, detail="order"),
    Action("checkout_started", 0, detail="order"),
    Action("purchase", 0, detail="order", amount="money"),
    Action("refund", 0, detail="order", amount="money"),
    Action("ticket_opened", 0, detail="ticket"),
    Action("ticket_replied", 0, detail="ticket"),
    Action("ticket_resolved", 0, detail="ticket"),
    Action("support_feedback", 0, detail="ticket", amount="sentiment"),
    Action("email_delivered", 0, detail="campaign"),
    Action("email_opened", 0, detail="campaign"),
    Action("email_clicked", 0, detail="campaign"),
    Action("email_unsubscribed", 0, detail="campaign"),
    Action("ad_impression", 0, detail="campaign"),
    Action("ad_clicked", 0, detail="campaign"),
    Action("cancel_page", 0),
)
"""Events of stories with several steps, told by the machinery; within sessions they are the entry or do not occur."""

CODES: dict[str, int] = {story.name: code for code, story in enumerate(STORIES)}
