"""An online shop: products looked at, wished for, put in carts and bought; parcels, returns, reviews."""

from __future__ import annotations

from engagement_cli.samples.carriers import SENTIMENT, STARS, Ids, Words
from engagement_cli.samples.sector import Action, Campaign, Rates, Sector, Subscribing

_SHOPPING_HOURS = (10, 5, 3, 2, 2, 3, 8, 18, 28, 36, 42, 45, 52, 46, 40, 38, 40, 46, 54, 66, 78, 80, 60, 28)

_COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "nps": {
        "high": (
            "Fast delivery and everything as described",
            "Great prices, I order here every month",
            "Returns are easy, that is why I come back",
            "Lovely packaging and good quality",
        ),
        "middle": (
            "Good products, shipping is a bit expensive",
            "Fine, but the search finds too much",
            "Delivery took longer than promised",
        ),
        "low": (
            "The parcel came late and damaged",
            "Still waiting for my refund",
            "Shipping fee only shown at the very end",
            "Quality is not what the pictures show",
        ),
    },
    "csat": {
        "high": ("Replacement sent the same day", "Friendly and quick", "Refunded at once"),
        "middle": ("Solved after two mails", "Took a while"),
        "low": ("Nobody knew where my parcel was", "I had to pay the return myself", "Waited for days"),
    },
    "effort": {
        "high": ("One click and the label was there", "Very easy return"),
        "middle": ("Had to look for the form", "A few mails"),
        "low": ("Had to send photos three times", "The form did not work on my phone"),
    },
}

_CATEGORY = Words(
    "category", (("clothing", 30), ("home", 22), ("beauty", 16), ("electronics", 14), ("toys", 10), ("sports", 8))
)
_PRODUCT = Ids("product_id", "p-", every_days=1.5, older=240, group=_CATEGORY)

ECOMMERCE = Sector(
    name="ecommerce",
    actions=(
        Action("page_view", 14.0, -0.2),
        Action("product_view", 34.0, 0.1, detail=_PRODUCT),
        Action("category_view", 12.0, detail=_CATEGORY),
        Action("search", 7.0, 0.1),
        Action("brand_search", 0.8, 0.3),
        Action("wishlist_add", 2.6, 0.3, detail=_PRODUCT),
        Action("product_compare", 1.2, detail=_PRODUCT),
        Action("coupon_applied", 0.9),
        Action("review", 0.7, 0.4, detail=_PRODUCT, amount=SENTIMENT),
        Action("rating", 1.2, 0.2, detail=_PRODUCT, amount=STARS),
        Action("question_asked", 0.5, 0.2, detail=_PRODUCT),
        Action("photo_upload", 0.25, 0.4),
        Action("subscribe_newsletter", 0.5),
        Action("share", 0.7, 0.6, detail=_PRODUCT),
        Action("invite_sent", 0.3, 0.7),
    ),
    subscribing=Subscribing(churn=0.012, reactivation=0.012),
    rates=Rates(
        sessions=0.55,
        actions=3.2,
        orders=0.11,
        tickets=0.02,
        mail_every_weeks=1,
        ads=0.05,
        seconds_between=50.0,
        basket=48.0,
        click_price=0.9,
    ),
    ad_campaigns=(
        Campaign("brand", 1.3, 70),
        Campaign("summer-sale", 1.6, 45),
        Campaign("retargeting", 1.1, 55),
        Campaign("giveaway", 2.8, 8),
    ),
    mail_campaigns=(
        Campaign("weekly-offers", 1.2, 45),
        Campaign("new-arrivals", 1.0, 60),
        Campaign("loyalty", 0.8, 50),
    ),
    weekdays=(0.95, 0.95, 0.95, 1.0, 0.95, 1.05, 1.25),
    hours=_SHOPPING_HOURS,
    months=(0.9, 0.82, 0.9, 0.95, 1.0, 1.0, 0.92, 0.9, 0.98, 1.05, 1.45, 1.5),
    comments=_COMMENTS,
    order_group=_CATEGORY,
    signups_follow=1.0,
)
