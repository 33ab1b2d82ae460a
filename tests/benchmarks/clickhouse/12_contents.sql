-- Contents: how fast shares spread, and which part of what is consumed is new.

INSERT INTO result (metric, measure, period_start, value)
WITH contents AS (
    SELECT arraySort(groupArray(ms)) AS times, times[1] AS first, length(times) AS shares,
        arrayCount(time -> time < first + 86400000, times) AS in_day,
        arrayCount(time -> time < first + 7 * 86400000, times) AS in_week,
        times[intDiv(shares + 1, 2)] - first AS half
    FROM detail WHERE name IN ('share', 'content_shared', 'forward') AND thing IS NOT NULL GROUP BY thing
), sums AS (
    SELECT toStartOfMonth(fromUnixTimestamp64Milli(first, 'UTC')) AS month, avg(in_day) / 24 AS mean_day,
        quantileExactInclusive(0.5)(in_day) / 24 AS median_day, avg(in_week) / 168 AS mean_week,
        quantileExactInclusive(0.5)(in_week) / 168 AS median_week, avg(half) / 1000 AS mean_half,
        quantileExactInclusive(0.5)(half) / 1000 AS median_half, toFloat64(count()) AS n, toFloat64(sum(shares)) AS all
    FROM contents GROUP BY month
)
SELECT 'content_velocity', row.1, month, row.2
FROM sums ARRAY JOIN [('mean_per_hour_24h', mean_day), ('median_per_hour_24h', median_day),
    ('mean_per_hour_7d', mean_week), ('median_per_hour_7d', median_week), ('mean_seconds_to_half', mean_half),
    ('median_seconds_to_half', median_half), ('contents', n), ('shares', all)] AS row;

INSERT INTO result (metric, measure, period_start, value)
WITH daily AS (
    SELECT thing, day, countIf(name IN ('video_view', 'feed_read', 'page_view')) AS uses
    FROM detail WHERE thing IS NOT NULL AND name NOT IN ('feature_used', 'purchase', 'refund', 'ticket_opened',
        'ticket_replied', 'ticket_resolved', 'support_feedback')
    GROUP BY thing, day
), dated AS (
    SELECT day, uses, first FROM daily JOIN (SELECT thing, min(day) AS first FROM daily GROUP BY thing) AS f USING (thing)
), sums AS (
    SELECT toStartOfMonth(day) AS month, toFloat64(sum(uses)) AS all, toFloat64(sumIf(uses, day <= first + 30)) AS fresh
    FROM dated WHERE uses > 0 GROUP BY month
)
SELECT 'new_content_share', row.1, month, row.2
FROM sums ARRAY JOIN [('new_share', fresh / all), ('new_uses', fresh), ('uses', all)] AS row;
