"""A social network: free for members, who read, like, comment and post mostly in the evening; a few post most."""

from __future__ import annotations

from engagement_cli.samples.carriers import SENTIMENT, Ids
from engagement_cli.samples.sector import Action, Campaign, Rates, Sector, Subscribing

_EVENINGS = (14, 7, 4, 3, 3, 6, 14, 28, 34, 30, 28, 30, 40, 36, 30, 32, 36, 44, 56, 66, 72, 70, 54, 30)
_POSTS = Ids("content_id", "p-", every_days=0.25, older=200)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Found my old school friends again",
            "The groups are great, somebody always answers",
            "I check it every evening, all my friends are here",
            "Nice people, hardly any spam",
        ),
        "middle": (
            "Good to stay in touch, too many notifications",
            "Fine, but the feed shows the same posts again and again",
            "I like the photos, the messages are slow",
        ),
        "low": (
            "Too many ads in the feed",
            "I see posts of strangers instead of my friends",
            "Reported a fake account and nothing happened",
            "Worried about my privacy",
        ),
    },
    "csat": {
        "high": ("My account was back within an hour", "Friendly and quick", "The fake profile is gone, thank you"),
        "middle": ("Solved, after some days", "A standard answer, but it helped"),
        "low": ("Nobody read what I wrote", "Still locked out of my account", "The abuse went on"),
    },
    "effort": {
        "high": ("Reporting took two taps", "The help page had it"),
        "middle": ("Had to look for the form", "Took a few messages"),
        "low": ("I could not find whom to write to", "Had to prove who I am three times"),
    },
}

SOCIAL = Sector(
    name="social",
    actions=(
        Action("feed_view", 26.0, -0.1),
        Action("profile_view", 6.0),
        Action("story_view", 7.0),
        Action("notification_opened", 3.0),
        Action("like", 14.0, 0.2, detail=_POSTS),
        Action("comment", 4.0, 0.35, detail=_POSTS, amount=SENTIMENT),
        Action("post", 2.2, 0.6, amount=SENTIMENT),
        Action("photo_upload", 1.4, 0.5),
        Action("video_upload", 0.4, 0.5),
        Action("blog_post", 0.15, 0.6),
        Action("message_sent", 7.0, 0.3),
        Action("video_view", 5.0, detail=_POSTS),
        Action("search", 2.0),
        Action("brand_search", 0.5, 0.2),
        Action("poll_vote", 0.8, 0.2),
        Action("bookmark", 0.6, 0.1, detail=_POSTS),
        Action("tag", 0.9, 0.3, detail=_POSTS),
        Action("join_group", 0.5, 0.3),
        Action("event_rsvp", 0.4, 0.2),
        Action("contest_join", 0.2, 0.1),
        Action("follow", 1.6, 0.3),
        Action("friend_request_sent", 1.2, 0.3),
        Action("friend_request_accepted", 0.9, 0.3),
        Action("share", 1.2, 0.6, detail=_POSTS),
        Action("repost", 0.9, 0.6, detail=_POSTS),
        Action("forward", 0.4, 0.5, detail=_POSTS),
        Action("mention", 0.8, 0.4),
        Action("create_group", 0.08, 0.8),
        Action("invite_sent", 0.4, 0.6),
        Action("follow_topic", 0.5, 0.1),
        Action("subscribe_newsletter", 0.1),
        Action("unfollow", 0.4, -0.3),
        Action("report_content", 0.15, -0.2),
    ),
    subscribing=Subscribing(churn=0.008, reactivation=0.012),
    rates=Rates(
        sessions=1.3,
        actions=4.5,
        orders=0.0,
        tickets=0.012,
        mail_every_weeks=2,
        ads=0.05,
        seconds_between=40.0,
        comes_back_next_day=0.45,
    ),
    ad_campaigns=(Campaign("friends", 1.2, 60), Campaign("groups", 1.0, 45), Campaign("celebrities", 2.4, 10)),
    mail_campaigns=(Campaign("weekly-digest", 1.0, 45), Campaign("people-you-know", 1.4, 70)),
    weekdays=(0.9, 0.9, 0.9, 0.95, 1.05, 1.2, 1.25),
    hours=_EVENINGS,
    months=(1.04, 1.0, 1.0, 0.98, 0.97, 0.96, 0.98, 0.97, 1.0, 1.02, 1.04, 1.06),
    comments=_COMMENTS,
    shipping_fees=(),
    accounts=(("instagram", 24_000.0), ("youtube", 6_400.0)),
)
