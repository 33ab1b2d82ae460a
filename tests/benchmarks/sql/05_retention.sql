-- Retention: when each first signed up or bought; active in that day, week or month and in the later ones -------------

CREATE TEMP TABLE entry AS
SELECT customer, min(instant) FILTER (name = 'signup')::DATE AS signed_up,
    min(instant) FILTER (name = 'purchase')::DATE AS bought
FROM event WHERE name IN ('signup', 'purchase') AND customer IS NOT NULL GROUP BY customer;

-- Cohorts of the last 29 days, 26 weeks and 12 months; a customer's active periods from the entry on.
CREATE TEMP TABLE cohort_cell AS
WITH entries AS (
    SELECT 'day_1_retention' AS metric, customer, signed_up AS cohort FROM entry, clock WHERE signed_up > last_day - 29
    UNION ALL SELECT 'week_4_retention', customer, date_trunc('week', signed_up)::DATE FROM entry, clock
    WHERE date_trunc('week', signed_up) > date_trunc('week', last_day) - INTERVAL 26 WEEK
    UNION ALL SELECT 'buyer_month_3_retention', customer, date_trunc('month', bought)::DATE FROM entry, clock
    WHERE date_trunc('month', bought) > date_trunc('month', last_day) - INTERVAL 12 MONTH
), spans AS (
    SELECT 'day_1_retention' AS metric, day AS starts, day + 1 AS ends FROM days, clock WHERE day > last_day - 29
    UNION ALL SELECT DISTINCT 'week_4_retention', date_trunc('week', day)::DATE, date_trunc('week', day)::DATE + 7
    FROM days
    UNION ALL SELECT 'buyer_month_3_retention', month, ends FROM months
), size AS (
    SELECT metric, cohort, count(*) AS size FROM entries GROUP BY ALL
), returned AS (
    SELECT metric, cohort, day AS starts, count(*) AS retained
    FROM entries JOIN customer_day USING (customer) WHERE metric = 'day_1_retention' AND day >= cohort GROUP BY ALL
    UNION ALL SELECT metric, cohort, week, count(*)
    FROM entries JOIN customer_week USING (customer) WHERE metric = 'week_4_retention' AND week >= cohort GROUP BY ALL
    UNION ALL SELECT metric, cohort, month, count(*)
    FROM entries JOIN customer_month USING (customer)
    WHERE metric = 'buyer_month_3_retention' AND month >= cohort GROUP BY ALL
)
SELECT metric, cohort, size, coalesce(retained, 0) AS retained, ends <= as_of AS ended,
    CASE metric WHEN 'day_1_retention' THEN starts - cohort WHEN 'week_4_retention' THEN (starts - cohort) // 7
        ELSE datediff('month', cohort, starts) END AS number
FROM size JOIN spans USING (metric) LEFT JOIN returned USING (metric, cohort, starts), clock
WHERE starts >= cohort;

INSERT INTO result BY NAME
SELECT metric, 'rate' AS measure, cohort AS cohort_start, number AS "index", retained / size AS value FROM cohort_cell
UNION ALL
SELECT metric, 'rate', NULL, number, sum(retained) / sum(size) FROM cohort_cell
WHERE ended AND (metric, number) IN (('day_1_retention', 1), ('week_4_retention', 4), ('buyer_month_3_retention', 3))
GROUP BY ALL;
