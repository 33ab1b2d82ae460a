"""A news site: articles by the dozen every day, read over breakfast; most readers are free, some subscribe."""

from __future__ import annotations

from engagement_cli.samples.carriers import SENTIMENT, Ids, Words
from engagement_cli.samples.sector import Action, Campaign, Plan, Rates, Sector, Subscribing

_BREAKFAST = (6, 3, 2, 2, 8, 30, 70, 90, 76, 50, 38, 36, 48, 40, 30, 28, 30, 38, 44, 42, 40, 34, 24, 12)
_SECTION = Words("section", (("politics", 28), ("local", 22), ("sport", 18), ("business", 14), ("culture", 18)))
_ARTICLE = Ids("content_id", "a-", every_days=0.1, older=300, group=_SECTION)
_LETTER = Words("newsletter", (("morning", 50), ("weekend", 22), ("sport", 16), ("culture", 12)))

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "My first look every morning",
            "Fair reporting, and the local pages are the best",
            "The morning newsletter is all I need",
            "Worth every cent, nobody else writes about our town",
        ),
        "middle": (
            "Good articles, too many of them behind the paywall",
            "Well written, the app is slow",
            "Fine, I would like more culture",
        ),
        "low": (
            "Too many ads between the paragraphs",
            "Headlines that promise more than the article holds",
            "Cancelling took me three calls",
            "One-sided politics",
        ),
    },
    "csat": {
        "high": ("Delivery fixed the same day", "Friendly on the phone", "Solved at once"),
        "middle": ("Solved after some days", "Had to write twice"),
        "low": ("Still charged after I cancelled", "Nobody answers", "The login still fails"),
    },
    "effort": {
        "high": ("One click and it was done", "The help page had it"),
        "middle": ("Found it after some searching", "Took two messages"),
        "low": ("I had to call during office hours", "Far too many steps to cancel"),
    },
}

NEWS = Sector(
    name="news",
    actions=(
        Action("article_read", 46.0, 0.05, detail=_ARTICLE),
        Action("section_view", 12.0, detail=_SECTION),
        Action("article_completed", 12.0, 0.2, detail=_ARTICLE),
        Action("page_view", 8.0, -0.2),
        Action("paywall_shown", 5.0, -0.1, detail=_ARTICLE),
        Action("video_view", 2.6, detail=_ARTICLE),
        Action("podcast_play", 2.0, 0.2, detail=_ARTICLE),
        Action("crossword_played", 2.0, 0.2, access="customers"),
        Action("search", 1.6),
        Action("brand_search", 0.5, 0.2),
        Action("newsletter_signup", 0.8, 0.1, detail=_LETTER),
        Action("newsletter_unsubscribed", 0.15, -0.4, detail=_LETTER),
        Action("follow_topic", 0.5, 0.2, detail=_SECTION),
        Action("notification_opened", 2.4, 0.2, detail=_ARTICLE),
        Action("comment", 1.6, 0.4, detail=_ARTICLE, amount=SENTIMENT),
        Action("comment_liked", 1.4, 0.3, detail=_ARTICLE),
        Action("poll_vote", 0.8, 0.2),
        Action("bookmark", 1.0, 0.2, detail=_ARTICLE),
        Action("share", 1.4, 0.5, detail=_ARTICLE),
        Action("forward", 0.5, 0.5, detail=_ARTICLE),
        Action("article_gifted", 0.4, 0.5, access="customers", detail=_ARTICLE),
        Action("letter_sent", 0.1, 0.5),
        Action("contest_join", 0.2, 0.1),
    ),
    plans=(Plan("digital", 9.9), Plan("digital-plus", 17.9)),
    subscribing=Subscribing(
        trial_days=28,
        trial_at_signup=0.18,
        trial_later=0.008,
        conversion=0.5,
        churn=0.006,
        upgrade=0.003,
        downgrade=0.002,
        reactivation=0.008,
        direct=0.003,
        abandon=0.006,
    ),
    rates=Rates(
        sessions=1.6,
        actions=3.2,
        orders=0.0,
        tickets=0.012,
        mail_every_weeks=1,
        ads=0.04,
        seconds_between=70.0,
        free=0.45,
        trial=1.2,
        comes_back_next_day=0.4,
    ),
    ad_campaigns=(Campaign("election", 1.2, 60), Campaign("local", 1.0, 70), Campaign("gossip", 2.6, 9)),
    mail_campaigns=(Campaign("morning-briefing", 1.5, 80), Campaign("weekend-reads", 1.0, 90)),
    weekdays=(1.1, 1.08, 1.08, 1.06, 1.0, 0.85, 0.9),
    hours=_BREAKFAST,
    months=(1.06, 1.02, 1.02, 0.98, 0.98, 1.0, 0.88, 0.86, 1.02, 1.04, 1.1, 0.96),
    comments=_COMMENTS,
    shipping_fees=(),
    accounts=(("x", 52_000.0), ("instagram", 18_000.0)),
)
