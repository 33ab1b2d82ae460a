-- Engagement score: weight × count, up to each event's cap, of the 28 days before the month's end, or before as_of.
-- Everybody known by then has one; the percentile of equals is the middle of their ranks.

CREATE TABLE known ENGINE = Memory AS
SELECT customer, min(since) AS since, max(last_active) AS last_active
FROM (
    SELECT customer, min(day) AS since, maxIf(ms, active AND day < (SELECT as_of FROM clock)) AS last_active
    FROM event WHERE customer != 0 GROUP BY customer
    UNION ALL SELECT customer, toDate('1970-01-01'), 0 FROM profile
    UNION ALL SELECT customer, toDate(started), 0 FROM subscription
    UNION ALL SELECT customer, toDate(instant), 0 FROM answer
)
GROUP BY customer;

CREATE TABLE weight ENGINE = Memory AS
SELECT CAST(name, '{names}') AS name, toInt64(round(weight * 10)) AS weight, cap
FROM kind WHERE name IN (SELECT toString(name) FROM monthly);

-- Who did what how often in the 28 days up to as_of, and in those before them.
CREATE TABLE recent ENGINE = Memory AS
WITH (SELECT as_of FROM clock) AS as_of
SELECT customer, name, countIf(day >= as_of - 28) AS now, countIf(day < as_of - 28) AS earlier FROM event
WHERE customer != 0 AND day >= as_of - 56 AND day < as_of GROUP BY customer, name;

-- Tables, because what WITH names is worked out wherever it is used.
CREATE TABLE raw ENGINE = Memory AS
WITH counted AS (
    SELECT customer, month, name, n_28 AS n FROM done
    WHERE customer != 0 AND n_28 > 0 AND month + toIntervalMonth(1) <= (SELECT as_of FROM clock)
    UNION ALL
    SELECT customer, (SELECT toStartOfMonth(last_day) FROM clock), name, now FROM recent WHERE now > 0
)
SELECT month, customer, sum(weight * least(n, cap)) AS raw FROM counted JOIN weight USING (name) GROUP BY month, customer;

INSERT INTO result (metric, measure, period_start, value)
WITH windows AS (
    SELECT month, least(ends, as_of) AS until FROM months, clock
), people AS (
    SELECT month, count() AS n FROM known, windows WHERE since < until GROUP BY month
), level AS (
    SELECT month, raw, toInt64(count()) AS customers FROM raw GROUP BY month, raw
    UNION ALL SELECT month, 0, toInt64(n) - toInt64(scored)
    FROM people LEFT JOIN (SELECT month, count() AS scored FROM raw GROUP BY month) AS s USING (month)
), merged AS (
    SELECT month, raw, sum(customers) AS customers FROM level GROUP BY month, raw
), ranked AS (
    SELECT month, raw / 10 AS raw, customers, sum(customers) OVER (PARTITION BY month ORDER BY raw) AS up_to,
        sum(customers) OVER (PARTITION BY month) AS n
    FROM merged
), shares AS (
    SELECT month, toFloat64(any(n)) AS n, sum(raw * customers) AS total,
        (minIf(raw, 2 * up_to >= n) + minIf(raw, 2 * up_to >= n + 1)) / 2 AS median, sumIf(customers, raw > 0) AS positive,
        sumIf(customers, score < 40) AS low, sumIf(customers, score >= 40 AND score < 75) AS medium,
        sumIf(customers, score >= 75 AND score < 90) AS high, sumIf(customers, score >= 90) AS top
    FROM (SELECT *, 100 * (up_to - customers / 2) / n AS score FROM ranked) GROUP BY month
)
SELECT 'engagement_score', row.1, month, row.2
FROM shares ARRAY JOIN [('mean_raw', total / n), ('median_raw', median), ('share_positive', positive / n),
    ('share_low', low / n), ('share_medium', medium / n), ('share_high', high / n), ('share_top', top / n)] AS row;
