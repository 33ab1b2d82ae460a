-- Active customers: the days, weeks and months on which each has an event of weight above zero. Each customer's days
-- are sorted once, in an array; windows would sort all rows again for each table. Beyond a customer's first and last
-- day or month, shifts give the date's zero, 1970-01-01.

CREATE TABLE active_days ENGINE = Memory AS
SELECT customer, arraySort(arrayDistinct(groupArray(day))) AS days FROM event WHERE customer != 0 AND active
GROUP BY customer;

CREATE TABLE customer_day ENGINE = Memory AS
SELECT customer, day, next FROM active_days ARRAY JOIN days AS day, arrayShiftLeft(days, 1) AS next;

CREATE TABLE customer_week ENGINE = Memory AS
SELECT customer, arrayJoin(arrayDistinct(arrayMap(day -> toMonday(day), days))) AS week FROM active_days;

CREATE TABLE customer_month ENGINE = Memory AS
SELECT customer, month, before, earlier, after, next_day
FROM (
    SELECT customer, arrayMap(day -> toStartOfMonth(day), days) AS all, arrayDistinct(all) AS months,
        arrayFilter((day, month, before) -> month != before, days, all, arrayShiftRight(all, 1)) AS first_days
    FROM active_days
)
ARRAY JOIN months AS month, arrayShiftRight(months, 1) AS before, arrayShiftRight(months, 2) AS earlier,
    arrayShiftLeft(months, 1) AS after, arrayShiftLeft(first_days, 1) AS next_day;

CREATE TABLE active_month ENGINE = Memory AS SELECT month, count() AS customers FROM customer_month GROUP BY month;

INSERT INTO result (metric, measure, period_start, value)
SELECT 'daily_active_customers', 'customers', day, count() FROM customer_day GROUP BY day
UNION ALL SELECT 'weekly_active_customers', 'customers', week, count() FROM customer_week GROUP BY week
UNION ALL SELECT 'monthly_active_customers', 'customers', month, customers FROM active_month;

-- An active day holds its customer for 28 days, or until the next active day takes over.
INSERT INTO result (metric, measure, period_start, value)
WITH held AS (
    SELECT day, if(next > day, least(next, day + 28), day + 28) AS until FROM customer_day
), change AS (
    SELECT turn.1 AS at, sum(turn.2) AS n FROM held ARRAY JOIN [(day, 1), (until, -1)] AS turn GROUP BY at
), days AS (
    SELECT first_day + arrayJoin(range(last_day - first_day + 1)) AS at FROM clock
)
SELECT 'active_customers_28d', 'customers', at, sum(n) OVER (ORDER BY at) FROM days LEFT JOIN change USING (at);

-- The window ends with the month's last day; in the month in which the data ends, with the last day before as_of.
INSERT INTO result (metric, measure, period_start, value)
WITH windows AS (
    SELECT month, least(ends, if(month < as_of, as_of, last_day + 1)) AS until, range(28) AS offsets
    FROM months, clock
)
SELECT 'stickiness', 'stickiness', month, count() / (28 * uniqExact(customer))
FROM customer_day JOIN (SELECT month, until - 1 - arrayJoin(offsets) AS day FROM windows) AS inside USING (day)
GROUP BY month;

CREATE TABLE lifecycle ENGINE = Memory AS
SELECT month, toFloat64(sum(n)) AS new, toFloat64(sum(r)) AS back, toFloat64(sum(z)) AS resurrected,
    toFloat64(sum(d)) AS dormant
FROM (
    SELECT month, countIf(before = '1970-01-01') AS n, countIf(before + toIntervalMonth(1) = month) AS r,
        count() - n - r AS z, 0 AS d
    FROM customer_month GROUP BY month
    UNION ALL SELECT month + toIntervalMonth(1) AS gone, 0, 0, 0, countIf(after != gone) FROM customer_month GROUP BY month
)
WHERE month <= (SELECT max(month) FROM months) GROUP BY month;

INSERT INTO result (metric, measure, period_start, value)
SELECT row.1, row.2, month, row.3 FROM lifecycle ARRAY JOIN [
    ('new_customers', 'new', new), ('new_customers', 'returning', back),
    ('new_customers', 'resurrected', resurrected), ('new_customers', 'dormant', dormant),
    ('returning_customers', 'value', back), ('resurrected_customers', 'value', resurrected),
    ('dormant_customers', 'value', dormant)] AS row
UNION ALL
SELECT 'quick_ratio', 'value', month, (new + resurrected) / nullIf(dormant, 0) FROM lifecycle;

-- An active month stands for three, or until the next active month takes over.
INSERT INTO result (metric, measure, period_start, value)
WITH held AS (
    SELECT month, if(after > month, least(after, month + toIntervalMonth(3)), month + toIntervalMonth(3)) AS until
    FROM customer_month
), change AS (
    SELECT month, sum(n) AS n
    FROM (
        SELECT month, toInt64(count()) AS n FROM held GROUP BY month
        UNION ALL SELECT until, -toInt64(count()) FROM held GROUP BY until
    )
    GROUP BY month
), regular AS (
    SELECT month, countIf(before + toIntervalMonth(1) = month AND earlier + toIntervalMonth(2) = month) AS regular
    FROM customer_month GROUP BY month
), both AS (
    SELECT month, toFloat64(sum(n) OVER (ORDER BY month)) AS customers, toFloat64(regular.regular) AS regular
    FROM change LEFT JOIN regular USING (month)
)
SELECT 'regular_customers', row.1, month, row.2
FROM both ARRAY JOIN [('regular_share', regular / customers), ('regular', regular), ('customers', customers)] AS row
WHERE month <= (SELECT max(month) FROM months);

-- Known once the 30 days after the month have passed.
INSERT INTO result (metric, measure, period_start, value)
SELECT 'inactivity', 'inactivity_rate', month, countIf(next_day < month OR next_day >= ends + 30) / count()
FROM customer_month JOIN months USING (month) WHERE ends + 30 <= (SELECT as_of FROM clock) GROUP BY month;
