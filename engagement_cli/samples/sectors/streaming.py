"""Streaming of films and series: evenings and weekends, a trial month, three plans, and a catalogue that grows."""

from __future__ import annotations

from engagement_cli.samples.carriers import SENTIMENT, STARS, Ids, Number, Words
from engagement_cli.samples.sector import Action, Campaign, Plan, Rates, Sector, Subscribing

_EVENINGS = (22, 12, 6, 3, 2, 2, 4, 8, 10, 12, 14, 16, 20, 20, 18, 20, 24, 34, 52, 78, 100, 98, 76, 44)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Always something new to watch",
            "Great series and no advertisements",
            "Works on every screen we have",
            "The recommendations are spot on",
        ),
        "middle": (
            "Good films, but a bit expensive",
            "Fine, the search could be better",
            "We share it in the family, the profiles help",
        ),
        "low": (
            "Buffering every evening",
            "The series I like were taken off",
            "Price went up again",
            "Nothing new for weeks",
        ),
    },
    "csat": {
        "high": ("Fixed within minutes", "Friendly chat", "The refund came at once"),
        "middle": ("It works again, do not ask why", "Took a few tries"),
        "low": ("Still no picture on my television", "Waited a whole evening", "Was sent from page to page"),
    },
    "effort": {
        "high": ("One tap to switch plans", "Found it in the help at once"),
        "middle": ("Had to sign in twice", "Some searching"),
        "low": ("Could not find how to cancel", "Had to install everything again"),
    },
}

_GENRE = Words(
    "genre", (("drama", 28), ("comedy", 22), ("crime", 18), ("documentary", 12), ("children", 12), ("sports", 8))
)
_TITLE = Ids("content_id", "v-", every_days=2, older=160, group=_GENRE)
_MINUTES = Number("minutes", digits=1, middle=24.0, slope=0.08, spread=0.6, least=0.5, most=180.0, skewed=True)
_TRAILER = Number("minutes", digits=1, middle=1.6, spread=0.4, least=0.2, most=4.0, skewed=True)

STREAMING = Sector(
    name="streaming",
    actions=(
        Action("title_view", 26.0, detail=_TITLE),
        Action("video_watched", 46.0, 0.15, access="customers", detail=_TITLE, amount=_MINUTES),
        Action("trailer_watched", 5.0, -0.2, detail=_TITLE, amount=_TRAILER),
        Action("search", 6.0),
        Action("brand_search", 0.5, 0.2),
        Action("add_to_list", 4.5, 0.2, access="customers", detail=_TITLE),
        Action("download", 1.8, 0.2, access="customers", detail=_TITLE),
        Action("profile_created", 0.4, access="customers"),
        Action("rating", 2.2, 0.3, access="customers", detail=_TITLE, amount=STARS),
        Action("review", 0.4, 0.4, access="customers", detail=_TITLE, amount=SENTIMENT),
        Action("watch_party", 0.5, 0.5, access="customers", detail=_TITLE),
        Action("share", 1.2, 0.5, detail=_TITLE),
        Action("invite_sent", 0.3, 0.6),
        Action("subscribe_newsletter", 0.2),
    ),
    subscribing=Subscribing(
        trial_days=30,
        trial_at_signup=0.8,
        trial_later=0.015,
        conversion=0.6,
        churn=0.012,
        upgrade=0.004,
        downgrade=0.003,
        reactivation=0.02,
        direct=0.01,
        abandon=0.02,
        begins="subscription_started",
    ),
    rates=Rates(
        sessions=1.5,
        actions=2.4,
        orders=0.0,
        tickets=0.012,
        mail_every_weeks=2,
        ads=0.04,
        seconds_between=1_300.0,
        free=0.2,
        trial=1.3,
        click_price=0.9,
        comes_back_next_day=0.45,
    ),
    ad_campaigns=(
        Campaign("brand", 1.2, 50),
        Campaign("new-series", 1.5, 60),
        Campaign("football", 2.4, 9),
        Campaign("come-back", 0.9, 40),
    ),
    mail_campaigns=(Campaign("new-this-week", 1.3, 50), Campaign("because-you-watched", 1.1, 60)),
    weekdays=(0.85, 0.85, 0.9, 0.9, 1.1, 1.35, 1.3),
    hours=_EVENINGS,
    months=(1.15, 1.08, 1.02, 0.96, 0.92, 0.86, 0.84, 0.88, 0.95, 1.02, 1.1, 1.2),
    comments=_COMMENTS,
    plans=(Plan("basic", 7.99), Plan("standard", 12.99), Plan("premium", 17.99)),
    shipping_fees=(),
    signups_follow=1.5,
)
