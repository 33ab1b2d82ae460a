"""A fitness app with memberships: trainings before and after work, most of all in January, fewest in summer."""

from __future__ import annotations

from engagement_cli.samples.carriers import CONTENT, SENTIMENT, STARS, Number, Words
from engagement_cli.samples.sector import Action, Campaign, Frame, Plan, Rates, Sector, Subscribing

_BEFORE_AND_AFTER_WORK = (2, 1, 1, 1, 3, 24, 62, 58, 34, 24, 20, 20, 28, 22, 16, 20, 34, 66, 80, 62, 34, 16, 8, 4)
_EXERCISE = Words(
    "exercise", (("squat", 22), ("push-up", 20), ("plank", 16), ("row", 14), ("lunge", 14), ("run", 9), ("stretch", 5))
)
_REPETITIONS = Number("repetitions", middle=11.0, slope=0.12, spread=0.3, least=1, most=60, skewed=True)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Lost six kilos and still going",
            "The plans fit into my day, I train three times a week now",
            "Love the challenges with my friends",
            "Best trainers, the app keeps me going",
        ),
        "middle": (
            "Good trainings, I wish they were shorter",
            "Fine for beginners, little for the advanced",
            "Likes my watch most of the time, syncs late",
        ),
        "low": (
            "Too expensive for what I use",
            "Hard to cancel the membership",
            "The same exercises every week",
            "The app loses my trainings",
        ),
    },
    "csat": {
        "high": ("My plan was changed the same day", "Quick help with the watch", "Very kind trainer"),
        "middle": ("Solved in the end", "It took two messages"),
        "low": ("Nobody answered for days", "Still charged after I paused", "The sync is still broken"),
    },
    "effort": {
        "high": ("Booked with one tap", "The video showed how"),
        "middle": ("Took some searching", "Had to write twice"),
        "low": ("Cancelling takes far too many steps", "I had to call them"),
    },
}

FITNESS = Sector(
    name="fitness",
    actions=(
        Action("exercise_completed", 46.0, 0.1, access="customers", detail=_EXERCISE, amount=_REPETITIONS),
        Action("page_view", 6.0, -0.2),
        Action("class_viewed", 4.0, -0.1),
        Action("video_view", 3.0, detail=CONTENT),
        Action("search", 1.6),
        Action("brand_search", 0.3, 0.2),
        Action("plan_created", 0.7, 0.2, access="customers"),
        Action("goal_set", 0.7, 0.2),
        Action("goal_reached", 0.6, 0.5, access="customers"),
        Action("personal_record", 0.6, 0.4, access="customers"),
        Action("weight_logged", 1.6, 0.2),
        Action("meal_logged", 2.4, 0.2),
        Action("progress_photo", 0.3, 0.4),
        Action("challenge_joined", 0.6, 0.3),
        Action("challenge_completed", 0.3, 0.5, access="customers"),
        Action("kudos_given", 1.4, 0.4),
        Action("comment", 0.5, 0.4, amount=SENTIMENT),
        Action("rating", 0.7, 0.2, access="customers", amount=STARS),
        Action("bookmark", 0.4, 0.1, detail=CONTENT),
        Action("join_group", 0.2, 0.3),
        Action("friend_added", 0.5, 0.4),
        Action("workout_shared", 0.8, 0.6, access="customers"),
        Action("invite_sent", 0.4, 0.6),
        Action("trainer_message", 0.5, 0.3, access="customers"),
        Action("subscribe_newsletter", 0.2),
    ),
    plans=(Plan("basic", 9.9), Plan("plus", 19.9), Plan("premium", 34.9)),
    frame=Frame(
        Action("workout_started", 0, access="customers"),
        Action("workout_completed", 0, access="customers"),
        share=0.8,
        access="customers",
        finished=0.9,
    ),
    subscribing=Subscribing(
        trial_days=14,
        trial_at_signup=0.7,
        trial_later=0.01,
        conversion=0.5,
        churn=0.012,
        upgrade=0.004,
        downgrade=0.003,
        reactivation=0.012,
        direct=0.005,
        abandon=0.01,
    ),
    rates=Rates(
        sessions=1.0,
        actions=6.0,
        orders=0.008,
        tickets=0.014,
        mail_every_weeks=3,
        ads=0.05,
        seconds_between=270.0,
        free=0.2,
        trial=1.3,
        basket=29.0,
        comes_back_next_day=0.2,
    ),
    ad_campaigns=(Campaign("new-year", 1.4, 60), Campaign("summer-body", 2.2, 12), Campaign("friends", 1.0, 50)),
    mail_campaigns=(Campaign("weekly-plan", 1.2, 60), Campaign("challenge", 1.0, 50)),
    weekdays=(1.25, 1.15, 1.15, 1.05, 0.75, 0.85, 0.8),
    hours=_BEFORE_AND_AFTER_WORK,
    months=(1.5, 1.2, 1.08, 1.0, 0.95, 0.88, 0.78, 0.74, 1.06, 1.02, 0.94, 0.7),
    comments=_COMMENTS,
    accounts=(("instagram", 15_500.0), ("youtube", 7_200.0)),
)
