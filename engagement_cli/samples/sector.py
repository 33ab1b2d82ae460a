"""What a sector declares: its words, its rates, its prices. The machinery that reads them is the same for all."""

from __future__ import annotations

from typing import Literal

from engagement_cli.records import Record, replace
from engagement_cli.samples.carriers import (
    COST,
    MONEY,
    ORDER,
    SENTIMENT,
    SHIPPING_FEE,
    TICKET,
    VARIANT,
    Carrier,
    Words,
)

Access = Literal["everyone", "customers"]


class Action(Record):
    """Something done within a session.

    Its share of a session's actions is `weight · exp(slope · engagement)`, engagement being about −2…2. `access`
    "customers" leaves it to those in a trial or on a plan (in a sector without plans: to all who have not left). Each
    event may carry a thing or a word (`detail`), a number (`amount`) and one more of either (`extra`).
    """

    name: str
    weight: float
    slope: float = 0.0
    access: Access = "everyone"
    detail: Carrier | None = None
    amount: Carrier | None = None
    extra: Carrier | None = None


class Frame(Record):
    """What opens a share of the sessions, such as a workout, and closes the share of these that is `finished`."""

    opens: Action
    closes: Action
    share: float
    access: Access = "everyone"
    finished: float = 1.0


class Plan(Record):
    """A plan and its price a month, for the smallest companies where the trait is their size."""

    name: str
    price: float


class Subscribing(Record):
    """Chances that move a customer between trial, plans and leaving; a week unless said otherwise.

    `abandon` is the chance that someone without a plan leaves for good; `begins` names the event told when payment
    begins, if there is one. In a sector without plans everyone who joins is
    a customer at once: only `churn` and `reactivation` count there.
    """

    trial_days: int = 14
    trial_at_signup: float = 0.0
    trial_later: float = 0.0
    conversion: float = 0.5
    churn: float = 0.01
    upgrade: float = 0.0
    downgrade: float = 0.0
    reactivation: float = 0.01
    direct: float = 0.0
    abandon: float = 0.0
    begins: str | None = None


class Rates(Record):
    """How often things begin, a customer and week, at an engagement of 0.

    `actions` is a session's mean number besides its entry, `seconds_between` the mean time between them; `free` and
    `trial` say how busy those without a plan and those in a trial are, beside 1 for those on one. `basket` and
    `click_price` are the medians of an order and of what a click on an advertisement costs; `comes_back_next_day` is
    the chance of a visit on the day after the sign-up.
    """

    sessions: float
    actions: float
    orders: float
    tickets: float
    mail_every_weeks: int
    ads: float
    seconds_between: float = 75.0
    free: float = 0.35
    trial: float = 1.5
    basket: float = 35.0
    click_price: float = 1.2
    comes_back_next_day: float = 0.3


class Campaign(Record):
    """A campaign: how readily it is clicked beside others, and the median seconds on its landing page."""

    name: str
    clicks: float = 1.0
    landing: float = 50.0


class Trait(Record):
    """What is known of customers besides country and channel: five words with their weights, in a column.

    `price` multiplies a plan's price; the basket grows by `exp(spending · position)`.
    """

    column: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    price: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)
    spending: float = 0.0


COMPANY_SIZE = Trait(
    column="company_size",
    words=("1-10", "11-50", "51-200", "201-1000", "1000+"),
    weights=(42, 28, 16, 9, 5),
    price=(1.0, 1.5, 2.5, 4.0, 6.0),
    spending=0.35,
)
AGE_GROUP = Trait(
    column="age_group",
    words=("18-24", "25-34", "35-44", "45-54", "55+"),
    weights=(20, 28, 22, 16, 14),
    spending=0.08,
)
SHIPPING_FEES = ((0.0, 50.0), (4.9, 35.0), (9.9, 15.0))
"""Fees and how often they are asked; none for what is not shipped."""


class Sector(Record):
    """One kind of business, entirely as data.

    Without `plans` there is no export of subscriptions. `order_group` is a word that belongs to an order, such as the
    category bought. `weekdays` begin with Monday, `hours` with midnight of the customer's own clock, `months` with
    January; sign-ups follow the months to the power of `signups_follow`. `comments` are by survey and mood (high,
    middle, low).
    """

    name: str
    actions: tuple[Action, ...]
    subscribing: Subscribing
    rates: Rates
    ad_campaigns: tuple[Campaign, ...]
    mail_campaigns: tuple[Campaign, ...]
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    months: tuple[float, ...]
    comments: dict[str, dict[str, tuple[str, ...]]]
    plans: tuple[Plan, ...] = ()
    frame: Frame | None = None
    trait: Trait = AGE_GROUP
    order_group: Words | None = None
    shipping_fees: tuple[tuple[float, float], ...] = SHIPPING_FEES
    accounts: tuple[tuple[str, float], ...] = (("instagram", 8_200.0), ("youtube", 3_100.0))
    signups_follow: float = 0.0

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every event name; its position is the code that the generator works with."""
        return tuple(kind.name for kind in self.kinds)

    @property
    def kinds(self) -> tuple[Action, ...]:
        """What each name of the vocabulary carries: the stories' names first, as their codes are fixed."""
        told = tuple(self._story(story) for story in STORIES)
        return told + tuple(action for action in self.drawn if action.name not in CODES)

    @property
    def drawn(self) -> tuple[Action, ...]:
        """The actions of sessions, with those that open and close them, and what is told when payment begins."""
        framing = () if self.frame is None else (self.frame.opens, self.frame.closes)
        begins = () if self.subscribing.begins is None else (Action(self.subscribing.begins, 0),)
        return self.actions + framing + begins

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Campaigns of advertisements, then those of e-mail."""
        return self.ad_campaigns + self.mail_campaigns

    def _story(self, story: Action) -> Action:
        return replace(story, detail=replace(ORDER, group=self.order_group)) if story.detail == ORDER else story


STORIES: tuple[Action, ...] = (
    Action("page_view", 0),
    Action("login", 0),
    Action("app_open", 0),
    Action("signup", 0),
    Action("trial_started", 0),
    Action("add_to_cart", 0, detail=ORDER, extra=SHIPPING_FEE),
    Action("checkout_started", 0, detail=ORDER, extra=SHIPPING_FEE),
    Action("purchase", 0, detail=ORDER, amount=MONEY, extra=SHIPPING_FEE),
    Action("refund", 0, detail=ORDER, amount=MONEY),
    Action("ticket_opened", 0, detail=TICKET),
    Action("ticket_replied", 0, detail=TICKET),
    Action("ticket_resolved", 0, detail=TICKET),
    Action("support_feedback", 0, detail=TICKET, amount=SENTIMENT),
    Action("email_delivered", 0, extra=VARIANT),
    Action("email_opened", 0, extra=VARIANT),
    Action("email_clicked", 0, extra=VARIANT),
    Action("email_unsubscribed", 0, extra=VARIANT),
    Action("ad_impression", 0, extra=COST),
    Action("ad_clicked", 0, extra=COST),
    Action("cancel_page", 0),
)
"""Events of stories with several steps, told by the machinery; within sessions they are the entry or do not occur."""

CODES: dict[str, int] = {story.name: code for code, story in enumerate(STORIES)}
