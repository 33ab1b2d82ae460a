"""Software as a service for companies: trials, three plans, features, tickets."""

from __future__ import annotations

from engagement_cli.samples.carriers import CONTENT, SENTIMENT, STARS, Words
from engagement_cli.samples.sector import COMPANY_SIZE, Action, Campaign, Plan, Rates, Sector, Subscribing

_WORKING_HOURS = (1, 1, 1, 1, 1, 2, 6, 18, 44, 70, 76, 66, 48, 52, 70, 72, 62, 46, 28, 20, 18, 14, 8, 3)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Saves our team hours every week",
            "Love the dashboards, I tell everyone about them",
            "Great support and the export just works",
            "Easy to use and quick to set up",
            "Best tool we added this year",
        ),
        "middle": (
            "Good, but the search could be faster",
            "Does the job, a bit expensive",
            "Useful reports, the mobile app needs work",
            "Fine so far, still learning the features",
        ),
        "low": (
            "Too complicated, we hardly use it",
            "Price went up and nothing got better",
            "Export keeps failing on large reports",
            "Support took days to answer",
            "Missing an integration that we need",
        ),
    },
    "csat": {
        "high": ("Quick and friendly answer", "Solved at once, thank you", "Very helpful"),
        "middle": ("Solved in the end", "Had to explain it twice"),
        "low": ("Waited far too long", "My problem is still there", "The answer did not help"),
    },
    "effort": {
        "high": ("One message was enough", "The guide had it all"),
        "middle": ("Took a few messages", "Found it after some searching"),
        "low": ("Far too many steps", "I had to ask three times"),
    },
}

_FEATURE = Words(
    "feature",
    (
        ("dashboard", 30),
        ("report", 22),
        ("search", 14),
        ("export", 11),
        ("share", 8),
        ("alert", 6),
        ("integration", 5),
        ("api", 4),
    ),
)

SAAS = Sector(
    name="saas",
    actions=(
        Action("page_view", 20.0, -0.25),
        Action("feature_used", 22.0, 0.35, access="customers", detail=_FEATURE),
        Action("search", 4.0),
        Action("brand_search", 0.9, 0.2),
        Action("video_view", 2.4, detail=CONTENT),
        Action("feed_read", 2.6, 0.2, detail=CONTENT),
        Action("subscribe_newsletter", 0.35),
        Action("subscribe_feed", 0.3),
        Action("comment", 1.6, 0.3, detail=CONTENT, amount=SENTIMENT),
        Action("rating", 0.8, 0.1, detail=CONTENT, amount=STARS),
        Action("review", 0.5, 0.3, amount=SENTIMENT),
        Action("vote", 0.9, 0.2, detail=CONTENT),
        Action("bookmark", 1.0, 0.1, detail=CONTENT),
        Action("tag", 0.7, 0.2, detail=CONTENT),
        Action("join_group", 0.4, 0.3),
        Action("photo_upload", 0.5, 0.3),
        Action("video_upload", 0.3, 0.3),
        Action("blog_post", 0.35, 0.5),
        Action("message_sent", 3.2, 0.3, access="customers"),
        Action("contest_join", 0.3, 0.1),
        Action("add_friend", 0.6, 0.4),
        Action("create_community", 0.2, 0.6),
        Action("share", 1.2, 0.6, detail=CONTENT),
        Action("forward", 0.6, 0.6, detail=CONTENT),
        Action("content_shared", 1.3, 0.6, detail=CONTENT),
        Action("widget_embed", 0.4, 0.5, access="customers"),
        Action("invite_sent", 0.8, 0.6),
        Action("post", 1.4, 0.4, amount=SENTIMENT),
    ),
    plans=(Plan("starter", 19.0), Plan("pro", 49.0), Plan("business", 129.0)),
    subscribing=Subscribing(
        trial_days=14,
        trial_at_signup=0.72,
        trial_later=0.012,
        conversion=0.55,
        churn=0.0075,
        upgrade=0.006,
        downgrade=0.0025,
        reactivation=0.010,
        direct=0.006,
    ),
    rates=Rates(
        sessions=0.42, actions=1.6, orders=0.030, tickets=0.027, mail_every_weeks=2, ads=0.05, click_price=12.0
    ),
    ad_campaigns=(
        Campaign("brand", 1.2, 65),
        Campaign("spring-launch", 1.0, 45),
        Campaign("competitor", 2.6, 9),
        Campaign("retargeting", 0.8, 55),
    ),
    mail_campaigns=(Campaign("newsletter", 1.0, 40), Campaign("product-news", 1.3, 60), Campaign("webinar", 0.6, 90)),
    weekdays=(1.15, 1.2, 1.2, 1.1, 0.9, 0.3, 0.25),
    hours=_WORKING_HOURS,
    months=(1.08, 1.05, 1.06, 1.02, 0.98, 0.97, 0.86, 0.78, 1.05, 1.08, 1.04, 0.8),
    comments=_COMMENTS,
    trait=COMPANY_SIZE,
    accounts=(("linkedin", 8_200.0), ("youtube", 3_100.0)),
)
