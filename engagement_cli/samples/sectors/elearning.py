"""A learning platform: lessons in the afternoon and on Sundays, busy in the terms, empty in the holidays."""

from __future__ import annotations

from engagement_cli.samples.carriers import CONTENT, SENTIMENT, STARS, Words
from engagement_cli.samples.sector import Action, Campaign, Frame, Plan, Rates, Sector, Subscribing

_AFTER_SCHOOL = (5, 2, 1, 1, 1, 2, 6, 12, 20, 28, 34, 32, 26, 34, 46, 58, 62, 56, 52, 60, 66, 52, 28, 12)
_COURSE = Words("course", (("python", 30), ("statistics", 22), ("english", 20), ("design", 16), ("finance", 12)))

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Short lessons, I learn on the train",
            "Passed my exam thanks to the exercises",
            "The teachers explain it so well",
            "Somebody always answers in the forum",
        ),
        "middle": (
            "Good course, the videos could be shorter",
            "The exercises are fine, the feedback is thin",
            "Useful, but I lack the time",
        ),
        "low": (
            "Too difficult after the third lesson",
            "The price went up in the middle of my course",
            "Videos stop all the time on my phone",
            "Nobody answers questions",
        ),
    },
    "csat": {
        "high": ("The tutor answered the same evening", "My certificate came at once", "Clear and kind"),
        "middle": ("Helped in the end", "Had to ask twice"),
        "low": ("Waited a week for an answer", "The exercise is still wrong", "The answer did not help"),
    },
    "effort": {
        "high": ("Found it in the course notes", "One question was enough"),
        "middle": ("Some searching in the forum", "Took a few messages"),
        "low": ("Far too many steps to hand in", "I had to upload it three times"),
    },
}

ELEARNING = Sector(
    name="elearning",
    actions=(
        Action("exercise_solved", 26.0, 0.25, access="customers", detail=_COURSE),
        Action("exercise_failed", 9.0, -0.1, access="customers", detail=_COURSE),
        Action("video_watched", 12.0, 0.1, detail=CONTENT, extra=_COURSE),
        Action("quiz_passed", 2.6, 0.3, access="customers", detail=_COURSE),
        Action("quiz_failed", 1.0, -0.1, access="customers", detail=_COURSE),
        Action("page_view", 6.0, -0.2),
        Action("course_viewed", 5.0, -0.1, detail=_COURSE),
        Action("course_enrolled", 1.3, 0.1, detail=_COURSE),
        Action("course_completed", 0.5, 0.7, access="customers", detail=_COURSE),
        Action("course_dropped", 0.15, -0.5, detail=_COURSE),
        Action("assignment_submitted", 0.7, 0.4, access="customers", detail=_COURSE),
        Action("note_created", 1.4, 0.2, access="customers"),
        Action("material_downloaded", 1.6, 0.1, detail=CONTENT),
        Action("bookmark", 0.6, 0.1, detail=CONTENT),
        Action("search", 2.0),
        Action("brand_search", 0.4, 0.2),
        Action("question_asked", 1.2, 0.2, access="customers"),
        Action("answer_posted", 0.8, 0.7, access="customers"),
        Action("comment", 0.8, 0.3, detail=CONTENT, amount=SENTIMENT),
        Action("review", 0.3, 0.3, amount=SENTIMENT),
        Action("rating", 0.8, 0.1, amount=STARS),
        Action("tutor_message", 0.5, 0.2, access="customers"),
        Action("course_shared", 0.5, 0.6),
        Action("certificate_shared", 0.3, 0.7, access="customers"),
        Action("invite_sent", 0.4, 0.6),
        Action("study_group_created", 0.12, 0.6),
        Action("subscribe_newsletter", 0.3),
    ),
    plans=(Plan("student", 12.0), Plan("learner", 24.0), Plan("professional", 49.0)),
    frame=Frame(
        Action("lesson_started", 0, access="customers"),
        Action("lesson_completed", 0, access="customers"),
        share=0.65,
        access="customers",
        finished=0.78,
    ),
    subscribing=Subscribing(
        trial_days=7,
        trial_at_signup=0.65,
        trial_later=0.012,
        conversion=0.45,
        churn=0.012,
        upgrade=0.004,
        downgrade=0.002,
        reactivation=0.015,
        direct=0.006,
        abandon=0.012,
    ),
    rates=Rates(
        sessions=0.8,
        actions=5.0,
        orders=0.01,
        tickets=0.016,
        mail_every_weeks=2,
        ads=0.05,
        seconds_between=190.0,
        free=0.25,
        trial=1.6,
        basket=49.0,
        comes_back_next_day=0.3,
    ),
    ad_campaigns=(Campaign("back-to-school", 1.2, 60), Campaign("exam-help", 1.0, 55), Campaign("get-rich", 2.4, 9)),
    mail_campaigns=(Campaign("next-lesson", 1.3, 70), Campaign("new-courses", 0.9, 45)),
    weekdays=(1.15, 1.15, 1.1, 1.05, 0.65, 0.7, 1.2),
    hours=_AFTER_SCHOOL,
    months=(1.15, 1.12, 1.1, 0.85, 1.1, 1.15, 0.6, 0.5, 1.15, 1.25, 1.2, 0.75),
    comments=_COMMENTS,
    shipping_fees=(),
    accounts=(("youtube", 31_000.0), ("linkedin", 9_500.0)),
)
