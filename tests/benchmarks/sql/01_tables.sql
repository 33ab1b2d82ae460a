-- One pass over the events: the columns that any section needs, customers and names as numbers.
-- Variables: events, surveys, subscriptions, customers, audience (paths). Result: the table `result`, one number a row.

CREATE TEMP TABLE result (
    metric VARCHAR, measure VARCHAR DEFAULT 'value', period_start DATE, cohort_start DATE, "index" BIGINT,
    step VARCHAR, segments VARCHAR DEFAULT '', value DOUBLE
);

CREATE TEMP TABLE subscription AS
SELECT user_id, started_at::TIMESTAMP AS started, coalesce(ended_at::TIMESTAMP, 'infinity') AS ended,
    trial_ends_at::TIMESTAMP AS trial_ends,
    mrr::DOUBLE AS mrr, billing
FROM read_csv(getvariable('subscriptions'), all_varchar = true);

CREATE TEMP TABLE answer AS
SELECT user_id, survey, answered_at::TIMESTAMP AS instant, score::DOUBLE AS score
FROM read_csv(getvariable('surveys'), all_varchar = true);

CREATE TEMP TABLE profile AS
SELECT user_id, referred_by, acquisition_cost::DOUBLE AS acquisition_cost
FROM read_csv(getvariable('customers'), all_varchar = true);

-- Customers of any source as numbers, which sort and group faster than their ids.
CREATE TEMP TABLE customer AS
SELECT user_id, (row_number() OVER ())::INTEGER AS customer
FROM (
    SELECT user_id FROM read_parquet(getvariable('events')) WHERE occurred_at IS NOT NULL AND event_name IS NOT NULL
    UNION SELECT user_id FROM profile
    UNION SELECT user_id FROM subscription
    UNION SELECT user_id FROM answer
)
WHERE user_id IS NOT NULL;

-- Event names as an enumeration, for the same reason; what they weigh and how many of them count.
CREATE TYPE event_name AS ENUM (
    SELECT DISTINCT event_name FROM read_parquet(getvariable('events')) WHERE event_name IS NOT NULL
);

CREATE TEMP TABLE kind AS
SELECT text, text::event_name AS name, coalesce(weight, 1) AS weight, coalesce(cap, 1000000000) AS cap,
    coalesce(weight, 1) > 0 AS active
FROM (SELECT unnest(enum_range(NULL::event_name))::VARCHAR AS text) LEFT JOIN (VALUES
    ('page_view', 0.2, 200), ('visit', 0.5, 60), ('login', 1, 60), ('app_open', 1, 60), ('signup', 5, NULL),
    ('trial_started', 5, NULL), ('subscribe_newsletter', 3, NULL), ('subscribe_feed', 3, NULL), ('feed_read', 1, 60),
    ('email_clicked', 1, 20), ('ad_clicked', 0.5, 10), ('feature_used', 1, 200), ('search', 0.5, 60),
    ('video_view', 2, 60), ('message_sent', 2, 100), ('contest_join', 2, NULL), ('join_group', 2, NULL),
    ('bookmark', 1, 40), ('tag', 1, 40), ('rating', 2, 40), ('vote', 1, 40), ('like', 1, 40), ('comment', 3, 40),
    ('review', 5, NULL), ('post', 4, 40), ('photo_upload', 5, 40), ('video_upload', 8, 40), ('blog_post', 8, NULL),
    ('brand_search', 1, 20), ('support_feedback', 2, NULL), ('share', 5, 40), ('content_shared', 5, 40),
    ('forward', 4, 40), ('widget_embed', 6, NULL), ('invite_sent', 6, 20), ('add_friend', 4, 40),
    ('create_community', 10, NULL), ('add_to_cart', 2, 20), ('checkout_started', 3, 20), ('purchase', 10, 20),
    ('email_delivered', 0, NULL), ('email_opened', 0, NULL), ('ad_impression', 0, NULL), ('ticket_opened', 0, NULL),
    ('ticket_replied', 0, NULL), ('ticket_resolved', 0, NULL), ('refund', -5, NULL), ('email_unsubscribed', -5, NULL),
    ('cancel_page', -10, NULL)
) AS weights (text, weight, cap) USING (text);

-- Every row with a time; robots and unresolved aliases are customers like all others, rows of nobody count as events.
-- No event has more than one of an order, a ticket, a content and a feature.
CREATE TEMP TABLE event AS
SELECT customer, kind.name, active, occurred_at::TIMESTAMP AS instant,
    date_trunc('month', occurred_at::TIMESTAMP)::DATE AS month, value, sentiment,
    coalesce(order_id, ticket_id, content_id, feature) AS thing
FROM read_parquet(getvariable('events')) AS exported
JOIN kind ON exported.event_name = kind.text
LEFT JOIN customer USING (user_id)
WHERE occurred_at IS NOT NULL;

-- as_of is the midnight that opens the last day.
CREATE TEMP TABLE clock AS
SELECT min(instant)::DATE AS first_day, max(instant)::DATE AS last_day, max(instant)::DATE AS as_of,
    max(instant) AS last_instant
FROM event;

CREATE TEMP TABLE days AS
SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM clock;

CREATE TEMP TABLE months AS
SELECT month, (month + INTERVAL 1 MONTH)::DATE AS ends
FROM (
    SELECT unnest(generate_series(date_trunc('month', first_day), last_day, INTERVAL 1 MONTH))::DATE AS month
    FROM clock
);
