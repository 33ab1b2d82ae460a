-- Contents: how fast shares spread, and which part of what is consumed is new -----------------------------------------

INSERT INTO result BY NAME
WITH ranked AS (
    SELECT thing, instant, min(instant) OVER by_content AS first,
        2 * row_number() OVER (PARTITION BY thing ORDER BY instant) >= count(*) OVER by_content AS half
    FROM event WHERE name IN ('share', 'content_shared', 'forward') AND thing IS NOT NULL
    WINDOW by_content AS (PARTITION BY thing)
), each AS (
    SELECT date_trunc('month', first)::DATE AS month, count(*) AS shares,
        count(*) FILTER (instant < first + INTERVAL 24 HOUR) AS in_day,
        count(*) FILTER (instant < first + INTERVAL 168 HOUR) AS in_week,
        epoch_ms(min(instant) FILTER (half)) - epoch_ms(first) AS ms
    FROM ranked GROUP BY thing, first
)
SELECT 'content_velocity' AS metric, month AS period_start,
    unnest(['mean_per_hour_24h', 'median_per_hour_24h', 'mean_per_hour_7d', 'median_per_hour_7d',
        'mean_seconds_to_half', 'median_seconds_to_half', 'contents', 'shares']) AS measure,
    unnest([avg(in_day) / 24, median(in_day) / 24, avg(in_week) / 168, median(in_week) / 168, avg(ms) / 1000,
        median(ms) / 1000, count(*), sum(shares)]) AS value
FROM each GROUP BY month;

INSERT INTO result BY NAME
WITH daily AS (
    SELECT thing, instant::DATE AS day,
        count(*) FILTER (name IN ('video_view', 'feed_read', 'page_view')) AS uses
    FROM event WHERE thing IS NOT NULL AND name NOT IN ('feature_used', 'add_to_cart', 'checkout_started', 'purchase',
        'refund', 'ticket_opened', 'ticket_replied', 'ticket_resolved', 'support_feedback')
    GROUP BY ALL
), dated AS (
    SELECT day, uses, min(day) OVER (PARTITION BY thing) AS first FROM daily
), sums AS (
    SELECT date_trunc('month', day)::DATE AS month, sum(uses) AS uses,
        coalesce(sum(uses) FILTER (day <= first + 30), 0) AS new_uses
    FROM dated WHERE uses > 0 GROUP BY month
)
SELECT 'new_content_share' AS metric, unnest(['new_share', 'new_uses', 'uses']) AS measure, month AS period_start,
    unnest([new_uses / uses, new_uses, uses]) AS value
FROM sums;
