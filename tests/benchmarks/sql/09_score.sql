-- Engagement score: weight × count, up to each event's cap, of the 28 days before the month's end, or before as_of.
-- Everybody known by then has one; the percentile of equals is the middle of their ranks.

CREATE TEMP TABLE known AS
SELECT customer, min(since) AS since
FROM (
    SELECT customer, min(instant) AS since FROM event WHERE customer IS NOT NULL GROUP BY customer
    UNION ALL SELECT customer, '-infinity'::TIMESTAMP FROM profile JOIN customer USING (user_id)
    UNION ALL SELECT customer, coalesce(started, '-infinity') FROM subscription JOIN customer USING (user_id)
    UNION ALL SELECT customer, coalesce(instant, '-infinity') FROM answer JOIN customer USING (user_id)
)
GROUP BY customer;

-- Who did what how often in the 28 days up to as_of, and in those before them.
CREATE TEMP TABLE recent AS
SELECT customer, name, count(*) FILTER (instant >= as_of - 28) AS now, count(*) FILTER (instant < as_of - 28) AS earlier
FROM event, clock WHERE customer IS NOT NULL AND instant >= as_of - 56 AND instant < as_of GROUP BY ALL;

INSERT INTO result BY NAME
WITH windows AS (
    SELECT month, least(ends, as_of) AS until FROM months, clock
), people AS (
    SELECT month, count(*) AS n FROM known JOIN windows ON since < until GROUP BY month
), counted AS (
    SELECT customer, month, name, n_28 AS n FROM done JOIN months USING (month), clock
    WHERE customer IS NOT NULL AND n_28 > 0 AND ends <= as_of
    UNION ALL
    SELECT customer, date_trunc('month', last_day)::DATE, name, now FROM recent, clock WHERE now > 0
), raw AS (
    SELECT month, sum(round(weight * 10)::INTEGER * least(n, cap)) AS raw
    FROM counted JOIN kind USING (name) GROUP BY month, customer
), level AS (
    SELECT month, raw, count(*) AS customers FROM raw GROUP BY ALL
    UNION ALL SELECT month, 0, n - coalesce(scored, 0)
    FROM people LEFT JOIN (SELECT month, count(*) AS scored FROM raw GROUP BY month) USING (month)
), ranked AS (
    SELECT month, raw / 10 AS raw, sum(customers) AS customers,
        sum(sum(customers)) OVER (PARTITION BY month ORDER BY raw) AS up_to
    FROM level GROUP BY month, raw
), scored AS (
    SELECT *, n, 100 * (up_to - customers / 2) / n AS score FROM ranked JOIN people USING (month)
), shares AS (
    SELECT month, any_value(n) AS n, sum(raw * customers) AS total,
        (min(raw) FILTER (2 * up_to >= n) + min(raw) FILTER (2 * up_to >= n + 1)) / 2 AS median,
        sum(customers) FILTER (raw > 0) AS positive, sum(customers) FILTER (score < 40) AS low,
        sum(customers) FILTER (score >= 40 AND score < 75) AS medium,
        sum(customers) FILTER (score >= 75 AND score < 90) AS high, sum(customers) FILTER (score >= 90) AS top
    FROM scored GROUP BY month
)
SELECT 'engagement_score' AS metric, month AS period_start,
    unnest(['mean_raw', 'median_raw', 'share_positive', 'share_low', 'share_medium', 'share_high', 'share_top'])
        AS measure,
    unnest([total / n, median, coalesce(positive, 0) / n, coalesce(low, 0) / n, coalesce(medium, 0) / n,
        coalesce(high, 0) / n, coalesce(top, 0) / n]) AS value
FROM shares;
