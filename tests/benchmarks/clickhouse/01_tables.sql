-- Events: customers as 64-bit hashes (0 is nobody), names as an enumeration, times in milliseconds. What stands in
-- braces the runner puts in: the paths, and the enumeration of the names. Result: the table `result`, a number a row.

CREATE TABLE result (
    metric String, measure String DEFAULT 'value', period_start Nullable(Date), cohort_start Nullable(Date),
    "index" Nullable(Int64), step Nullable(String), segments String DEFAULT '', value Nullable(Float64)
) ENGINE = Memory;

-- A subscription begins to be paid when its trial ends; what has no end ends as late as a DateTime can say.
CREATE TABLE subscription ENGINE = Memory AS
SELECT cityHash64(user_id) AS customer, started_at AS started, ifNull(ended_at, toDateTime('2106-01-01')) AS ended,
    trial_ends_at AS trial_ends, greatest(started, ifNull(trial_ends, started)) AS begins, ifNull(mrr, 0) AS mrr,
    billing
FROM file('{subscriptions}', CSVWithNames, 'user_id String, started_at DateTime, ended_at Nullable(DateTime),
    trial_ends_at Nullable(DateTime), mrr Nullable(Float64), billing String')
WHERE user_id != '';

CREATE TABLE answer ENGINE = Memory AS
SELECT cityHash64(user_id) AS customer, survey, answered_at AS instant, score,
    survey = 'nps' AND score BETWEEN 0 AND 10 AND score = floor(score) OR survey = 'csat' AND score BETWEEN 1 AND 5
        OR survey = 'effort' AND score BETWEEN 1 AND 7 AS valid
FROM file('{surveys}', CSVWithNames, 'user_id String, survey LowCardinality(String), answered_at DateTime,
    score Nullable(Float64)')
WHERE user_id != '';

CREATE TABLE profile ENGINE = Memory AS
SELECT cityHash64(user_id) AS customer, if(referred_by = '', 0, cityHash64(referred_by)) AS referrer, acquisition_cost
FROM file('{customers}', CSVWithNames, 'user_id String, referred_by String, acquisition_cost Nullable(Float64)')
WHERE user_id != '';

CREATE TABLE kind ENGINE = Memory AS
SELECT * FROM values('name String, weight Float64, cap UInt32',
    ('page_view', 0.2, 200), ('visit', 0.5, 60), ('login', 1, 60), ('app_open', 1, 60), ('signup', 5, 1000000000),
    ('trial_started', 5, 1000000000), ('subscribe_newsletter', 3, 1000000000), ('subscribe_feed', 3, 1000000000),
    ('feed_read', 1, 60), ('email_clicked', 1, 20), ('ad_clicked', 0.5, 10), ('feature_used', 1, 200),
    ('search', 0.5, 60), ('video_view', 2, 60), ('message_sent', 2, 100), ('contest_join', 2, 1000000000),
    ('join_group', 2, 1000000000), ('bookmark', 1, 40), ('tag', 1, 40), ('rating', 2, 40), ('vote', 1, 40),
    ('like', 1, 40), ('comment', 3, 40), ('review', 5, 1000000000), ('post', 4, 40), ('photo_upload', 5, 40),
    ('video_upload', 8, 40), ('blog_post', 8, 1000000000), ('brand_search', 1, 20),
    ('support_feedback', 2, 1000000000), ('share', 5, 40), ('content_shared', 5, 40), ('forward', 4, 40),
    ('widget_embed', 6, 1000000000), ('invite_sent', 6, 20), ('add_friend', 4, 40),
    ('create_community', 10, 1000000000), ('add_to_cart', 2, 20), ('checkout_started', 3, 20), ('purchase', 10, 20),
    ('email_delivered', 0, 1000000000), ('email_opened', 0, 1000000000), ('ad_impression', 0, 1000000000),
    ('ticket_opened', 0, 1000000000), ('ticket_replied', 0, 1000000000), ('ticket_resolved', 0, 1000000000),
    ('refund', -5, 1000000000), ('email_unsubscribed', -5, 1000000000), ('cancel_page', -10, 1000000000));

CREATE TABLE event ENGINE = Memory AS
SELECT assumeNotNull(if(user_id IS NULL, 0, cityHash64(user_id))) AS customer, CAST(assumeNotNull(event_name), '{names}') AS name,
    toUnixTimestamp64Milli(assumeNotNull(occurred_at)) AS ms, toDate(assumeNotNull(occurred_at)) AS day,
    toStartOfMonth(day) AS month,
    event_name NOT IN ('email_delivered', 'email_opened', 'ad_impression', 'ticket_opened', 'ticket_replied',
        'ticket_resolved', 'refund', 'email_unsubscribed', 'cancel_page') AS active
FROM file('{events}', Parquet) WHERE occurred_at IS NOT NULL AND event_name IS NOT NULL;

CREATE TABLE detail ENGINE = Memory AS
SELECT assumeNotNull(if(user_id IS NULL, 0, cityHash64(user_id))) AS customer, CAST(assumeNotNull(event_name), '{names}') AS name,
    toUnixTimestamp64Milli(assumeNotNull(occurred_at)) AS ms, toDate(assumeNotNull(occurred_at)) AS day,
    toStartOfMonth(day) AS month, value, sentiment, coalesce(order_id, ticket_id, content_id, feature) AS thing
FROM file('{events}', Parquet)
WHERE occurred_at IS NOT NULL AND event_name IN ('purchase', 'refund', 'rating', 'comment', 'post', 'review',
    'support_feedback', 'feature_used', 'ticket_opened', 'ticket_replied', 'ticket_resolved', 'share',
    'content_shared', 'forward', 'vote', 'bookmark', 'tag', 'feed_read', 'video_view');

-- as_of is the midnight that opens the last day.
CREATE TABLE clock ENGINE = Memory AS
SELECT min(day) AS first_day, max(day) AS last_day, last_day AS as_of,
    toInt64(as_of) * 86400000 AS as_of_ms, max(ms) AS last_ms
FROM event;

CREATE TABLE months ENGINE = Memory AS
SELECT toStartOfMonth(first_day) + toIntervalMonth(number) AS month, month + toIntervalMonth(1) AS ends
FROM clock ARRAY JOIN range(dateDiff('month', first_day, last_day) + 1) AS number;
