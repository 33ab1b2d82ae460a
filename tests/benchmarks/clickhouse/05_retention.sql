-- Retention: when each first signed up or bought; active in that day, week or month and in the later ones.

CREATE TABLE entry ENGINE = Memory AS
SELECT customer, minIf(day, name = 'signup') AS signed_up, minIf(day, name = 'purchase') AS bought
FROM event WHERE name IN ('signup', 'purchase') AND customer != 0 GROUP BY customer;

-- Cohorts of the last 29 days, 26 weeks and 12 months; a customer's active periods from the entry on.
CREATE TABLE cohort_cell ENGINE = Memory AS
WITH entries AS (
    SELECT 'day_1_retention' AS metric, customer, signed_up AS cohort FROM entry
    WHERE signed_up > (SELECT last_day - 29 FROM clock)
    UNION ALL SELECT 'week_4_retention', customer, toMonday(signed_up) FROM entry
    WHERE toMonday(signed_up) > (SELECT toMonday(last_day) - 26 * 7 FROM clock)
    UNION ALL SELECT 'buyer_month_3_retention', customer, toStartOfMonth(bought) FROM entry
    WHERE toStartOfMonth(bought) > (SELECT toStartOfMonth(last_day) - toIntervalMonth(12) FROM clock)
), spans AS (
    SELECT 'day_1_retention' AS metric, last_day - arrayJoin(range(29)) AS starts, starts + 1 AS ends FROM clock
    UNION ALL SELECT 'week_4_retention', toMonday(last_day) - 7 * arrayJoin(range(26)) AS starts, starts + 7 FROM clock
    UNION ALL SELECT 'buyer_month_3_retention', month, ends FROM months
), size AS (
    SELECT metric, cohort, count() AS size FROM entries GROUP BY metric, cohort
), returned AS (
    SELECT metric, cohort, day AS starts, count() AS retained FROM customer_day JOIN entries USING (customer)
    WHERE metric = 'day_1_retention' AND day >= cohort GROUP BY metric, cohort, starts
    UNION ALL SELECT metric, cohort, week, count() FROM customer_week JOIN entries USING (customer)
    WHERE metric = 'week_4_retention' AND week >= cohort GROUP BY metric, cohort, week
    UNION ALL SELECT metric, cohort, month, count() FROM customer_month JOIN entries USING (customer)
    WHERE metric = 'buyer_month_3_retention' AND month >= cohort GROUP BY metric, cohort, month
)
SELECT metric, cohort, size, retained, ends <= (SELECT as_of FROM clock) AS ended,
    multiIf(metric = 'day_1_retention', starts - cohort, metric = 'week_4_retention', intDiv(starts - cohort, 7),
        dateDiff('month', cohort, starts)) AS number
FROM size JOIN spans USING (metric) LEFT JOIN returned USING (metric, cohort, starts) WHERE starts >= cohort;

INSERT INTO result (metric, measure, cohort_start, "index", value)
SELECT metric, 'rate', cohort, number, retained / size FROM cohort_cell
UNION ALL
SELECT metric, 'rate', NULL, number, sum(retained) / sum(size) FROM cohort_cell
WHERE ended AND (metric, number) IN (('day_1_retention', 1), ('week_4_retention', 4), ('buyer_month_3_retention', 3))
GROUP BY metric, number;
