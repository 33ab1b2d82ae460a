"""A messenger: short visits many times a week, mostly free, few who pay for more and many who invite others."""

from __future__ import annotations

from engagement_cli.samples.carriers import SENTIMENT, Ids, Number, Words
from engagement_cli.samples.sector import Action, Campaign, Plan, Rates, Sector, Subscribing

_ALL_DAY = (14, 6, 3, 2, 2, 4, 18, 42, 52, 48, 46, 50, 60, 56, 50, 48, 52, 62, 72, 80, 84, 78, 58, 32)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "All my friends are here",
            "Fast, and the calls are crystal clear",
            "I like that messages are private",
            "Groups work better than anywhere else",
        ),
        "middle": (
            "Good, but notifications come late at times",
            "Fine for the family, work is elsewhere",
            "Would like better search in old messages",
        ),
        "low": (
            "Too much spam from strangers",
            "Calls drop all the time",
            "Drains the battery",
            "My friends moved to another one",
        ),
    },
    "csat": {
        "high": ("My number was moved at once", "Quick help", "Blocked the spammer right away"),
        "middle": ("It works again after an update", "Needed two answers"),
        "low": ("My backup is gone", "Only automatic answers", "Nobody wrote back for days"),
    },
    "effort": {
        "high": ("Moved to the new phone in a minute", "The help page was enough"),
        "middle": ("Had to restart it twice", "Some searching in the settings"),
        "low": ("Had to verify my number five times", "Could not find the setting"),
    },
}

_CHAT = Ids("conversation_id", "k-", every_days=0.4, older=300)
_KIND = Words("message_kind", (("text", 78), ("photo", 12), ("voice", 7), ("video", 3)))
_CALL_MINUTES = Number("minutes", digits=1, middle=5.0, slope=0.1, spread=0.9, least=0.1, most=180.0, skewed=True)

MESSAGING = Sector(
    name="messaging",
    actions=(
        Action("message_sent", 58.0, 0.25, detail=_CHAT, extra=_KIND),
        Action("message_read", 46.0, detail=_CHAT),
        Action("reaction", 9.0, 0.2, detail=_CHAT),
        Action("sticker_sent", 4.0, 0.1, detail=_CHAT),
        Action("call_ended", 3.0, 0.2, detail=_CHAT, amount=_CALL_MINUTES),
        Action("search", 1.5),
        Action("story_view", 5.0),
        Action("status_posted", 1.2, 0.3, amount=SENTIMENT),
        Action("file_sent", 1.6, 0.1, detail=_CHAT),
        Action("join_group", 0.8, 0.2),
        Action("group_created", 0.4, 0.5),
        Action("contact_added", 1.4, 0.3),
        Action("invite_sent", 0.7, 0.5),
        Action("forward", 1.6, 0.3, detail=_CHAT),
        Action("contact_blocked", 0.3, -0.3),
    ),
    subscribing=Subscribing(
        trial_days=14,
        trial_at_signup=0.04,
        trial_later=0.004,
        conversion=0.4,
        churn=0.008,
        upgrade=0.002,
        downgrade=0.001,
        reactivation=0.015,
        direct=0.003,
        abandon=0.01,
    ),
    rates=Rates(
        sessions=2.2,
        actions=4.5,
        orders=0.0,
        tickets=0.008,
        mail_every_weeks=4,
        ads=0.02,
        seconds_between=28.0,
        free=0.9,
        trial=1.3,
        click_price=0.4,
        comes_back_next_day=0.6,
    ),
    ad_campaigns=(Campaign("brand", 1.1, 35), Campaign("privacy", 1.4, 50), Campaign("stickers", 2.3, 7)),
    mail_campaigns=(Campaign("tips", 0.8, 40), Campaign("whats-new", 1.1, 45)),
    weekdays=(1.0, 0.98, 0.98, 1.0, 1.05, 1.1, 1.05),
    hours=_ALL_DAY,
    months=(1.02, 1.0, 1.0, 1.0, 1.0, 0.98, 0.95, 0.95, 1.0, 1.0, 1.02, 1.12),
    comments=_COMMENTS,
    plans=(Plan("plus", 2.99), Plan("business", 9.99)),
    shipping_fees=(),
)
