-- Active customers: the days, weeks and months on which each has an event of weight above zero ------------------------

CREATE TEMP TABLE customer_day AS
SELECT customer, day, lead(day) OVER (PARTITION BY customer ORDER BY day) AS next
FROM (SELECT DISTINCT customer, instant::DATE AS day FROM event WHERE customer IS NOT NULL AND active);

CREATE TEMP TABLE customer_week AS SELECT DISTINCT customer, date_trunc('week', day)::DATE AS week FROM customer_day;

CREATE TEMP TABLE customer_month AS
SELECT *, lag(month) OVER by_month AS before, lead(month) OVER by_month AS after,
    lead(first_day) OVER by_month AS next_day
FROM (
    SELECT customer, date_trunc('month', day)::DATE AS month, min(day) AS first_day FROM customer_day GROUP BY ALL
) WINDOW by_month AS (PARTITION BY customer ORDER BY month);

CREATE TEMP TABLE active_month AS SELECT month, count(*) AS customers FROM customer_month GROUP BY month;

INSERT INTO result BY NAME
SELECT 'daily_active_customers' AS metric, 'customers' AS measure, day AS period_start, count(*) AS value
FROM customer_day GROUP BY day
UNION ALL SELECT 'weekly_active_customers', 'customers', week, count(*) FROM customer_week GROUP BY week
UNION ALL SELECT 'monthly_active_customers', 'customers', month, customers FROM active_month;

-- An active day holds its customer for 28 days, or until the next active day takes over.
INSERT INTO result BY NAME
WITH held AS (
    SELECT day, least(day + 28, next) AS until FROM customer_day
), change AS (
    SELECT day, count(*) AS by_how_many FROM held GROUP BY day
    UNION ALL SELECT until, -count(*) FROM held GROUP BY until
)
SELECT 'active_customers_28d' AS metric, 'customers' AS measure, day AS period_start,
    sum(coalesce(sum(by_how_many), 0)) OVER (ORDER BY day) AS value
FROM days LEFT JOIN change USING (day) GROUP BY day;

-- The window ends with the month's last day; in the month in which the data ends, with the last day before as_of.
INSERT INTO result BY NAME
WITH windows AS (
    SELECT month, least(ends, CASE WHEN month < as_of THEN as_of ELSE last_day + 1 END) AS until FROM months, clock
)
SELECT 'stickiness' AS metric, 'stickiness' AS measure, month AS period_start,
    count(*) / (28 * count(DISTINCT customer)) AS value
FROM windows JOIN customer_day ON day >= until - 28 AND day < until GROUP BY month;

CREATE TEMP TABLE lifecycle AS
SELECT month, count(*) FILTER (status = 'new') AS new, count(*) FILTER (status = 'returning') AS came_back,
    count(*) FILTER (status = 'resurrected') AS resurrected, count(*) FILTER (status = 'dormant') AS dormant
FROM (
    SELECT month, CASE WHEN before IS NULL THEN 'new' WHEN before + INTERVAL 1 MONTH = month THEN 'returning'
        ELSE 'resurrected' END AS status
    FROM customer_month
    UNION ALL
    SELECT (month + INTERVAL 1 MONTH)::DATE, 'dormant' FROM customer_month
    WHERE after IS NULL OR after <> month + INTERVAL 1 MONTH
)
WHERE month <= (SELECT max(month) FROM months) GROUP BY month;

INSERT INTO result BY NAME
SELECT 'new_customers' AS metric, unnest(['new', 'returning', 'resurrected', 'dormant']) AS measure,
    month AS period_start, unnest([new, came_back, resurrected, dormant]) AS value
FROM lifecycle
UNION ALL
SELECT unnest(['returning_customers', 'resurrected_customers', 'dormant_customers', 'quick_ratio']), 'value', month,
    unnest([came_back, resurrected, dormant, (new + resurrected) / nullif(dormant, 0)])
FROM lifecycle;

-- An active month stands for three, or until the next active month takes over.
INSERT INTO result BY NAME
WITH held AS (
    SELECT month, least((month + INTERVAL 3 MONTH)::DATE, after) AS until FROM customer_month
), change AS (
    SELECT month, count(*) AS by_how_many FROM held GROUP BY month
    UNION ALL SELECT until, -count(*) FROM held GROUP BY until
), any_of_three AS (
    SELECT month, sum(coalesce(sum(by_how_many), 0)) OVER (ORDER BY month) AS customers
    FROM months LEFT JOIN change USING (month) GROUP BY month
), all_three AS (
    SELECT month, count(*) AS regular
    FROM (
        SELECT month, before, lag(before) OVER (PARTITION BY customer ORDER BY month) AS earlier FROM customer_month
    )
    WHERE before + INTERVAL 1 MONTH = month AND earlier + INTERVAL 2 MONTH = month GROUP BY month
)
SELECT 'regular_customers' AS metric, unnest(['regular_share', 'regular', 'customers']) AS measure,
    month AS period_start, unnest([coalesce(regular, 0) / customers, coalesce(regular, 0), customers]) AS value
FROM any_of_three LEFT JOIN all_three USING (month);

-- Known once the 30 days after the month have passed.
INSERT INTO result BY NAME
SELECT 'inactivity' AS metric, 'inactivity_rate' AS measure, month AS period_start,
    count(*) FILTER (next_day IS NULL OR next_day >= ends + 30) / count(*) AS value
FROM customer_month JOIN months USING (month), clock WHERE ends + 30 <= as_of GROUP BY month;
