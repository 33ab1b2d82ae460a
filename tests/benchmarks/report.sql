-- The numbers of report.yaml by hand: one temporary table of the columns needed, then one statement a section.
-- Variables: events, surveys, subscriptions, customers (paths). Result: the table `result`, one number a row.

CREATE TEMP TABLE result (
    metric VARCHAR, measure VARCHAR, period_start DATE, cohort_start DATE, "index" BIGINT, step VARCHAR,
    segments VARCHAR DEFAULT '', value DOUBLE, ci_low DOUBLE, ci_high DOUBLE
);

CREATE TEMP TABLE plan AS
SELECT user_id, plan, started_at::TIMESTAMP AS started, ended_at::TIMESTAMP AS ended
FROM read_csv(getvariable('subscriptions'), all_varchar = true);

CREATE TEMP TABLE answer AS
SELECT user_id, survey, answered_at::TIMESTAMP AS instant, score::DOUBLE AS score
FROM read_csv(getvariable('surveys'), all_varchar = true);

-- Customers of any source as numbers, which sort and group faster than their ids.
CREATE TEMP TABLE customer AS
SELECT user_id, (row_number() OVER ())::INTEGER AS customer
FROM (
    SELECT user_id FROM read_parquet(getvariable('events')) WHERE occurred_at IS NOT NULL AND event_name IS NOT NULL
    UNION SELECT user_id FROM read_csv(getvariable('customers'), all_varchar = true)
    UNION SELECT user_id FROM plan
    UNION SELECT user_id FROM answer
)
WHERE user_id IS NOT NULL;

-- Event names as an enumeration, for the same reason, with their weights.
CREATE TYPE event_name AS ENUM (
    SELECT DISTINCT event_name FROM read_parquet(getvariable('events')) WHERE event_name IS NOT NULL
);

CREATE TEMP TABLE kind AS
SELECT text, text::event_name AS name,
    CASE
        WHEN text = 'purchase' THEN 10
        WHEN text IN ('share', 'content_shared') THEN 5
        WHEN text = 'comment' THEN 3
        WHEN text IN ('email_delivered', 'email_opened', 'ad_impression', 'ticket_opened', 'ticket_replied',
            'ticket_resolved') THEN 0
        WHEN text IN ('refund', 'email_unsubscribed') THEN -5
        WHEN text = 'cancel_page' THEN -10
        ELSE 1
    END AS weight
FROM (SELECT unnest(enum_range(NULL::event_name))::VARCHAR AS text);

-- Every row with a time; robots and unresolved aliases are customers like all others, rows of nobody count as events.
CREATE TEMP TABLE event AS
SELECT customer, kind.name, weight, occurred_at::TIMESTAMP AS instant,
    date_trunc('month', occurred_at::TIMESTAMP)::DATE AS month, value, order_id
FROM read_parquet(getvariable('events')) AS exported
JOIN kind ON exported.event_name = kind.text
LEFT JOIN customer USING (user_id)
WHERE occurred_at IS NOT NULL;

-- as_of is the midnight that opens the last day.
CREATE TEMP TABLE clock AS
SELECT min(instant)::DATE AS first_day, max(instant)::DATE AS last_day, max(instant)::DATE AS as_of FROM event;

CREATE TEMP TABLE days AS
SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM clock;

CREATE TEMP TABLE months AS
SELECT month, (month + INTERVAL 1 MONTH)::DATE AS ends
FROM (
    SELECT unnest(generate_series(date_trunc('month', first_day), last_day, INTERVAL 1 MONTH))::DATE AS month
    FROM clock
);

-- Active customers -----------------------------------------------------------------------------------------------

CREATE TEMP TABLE customer_day AS
SELECT DISTINCT customer, instant::DATE AS day FROM event WHERE customer IS NOT NULL AND weight > 0;

CREATE TEMP TABLE customer_month AS
SELECT DISTINCT customer, date_trunc('month', day)::DATE AS month FROM customer_day;

INSERT INTO result BY NAME
SELECT 'daily_active' AS metric, 'customers' AS measure, day AS period_start, count(*) AS value
FROM customer_day GROUP BY day;

INSERT INTO result BY NAME
SELECT 'weekly_active' AS metric, 'customers' AS measure, week AS period_start, count(*) AS value
FROM (SELECT DISTINCT customer, date_trunc('week', day)::DATE AS week FROM customer_day) GROUP BY week;

INSERT INTO result BY NAME
SELECT 'monthly_active' AS metric, 'customers' AS measure, month AS period_start, count(*) AS value
FROM customer_month GROUP BY month;

-- An active day holds its customer for 28 days, or until the next active day takes over.
INSERT INTO result BY NAME
WITH held AS (
    SELECT day, least(day + 28, lead(day) OVER (PARTITION BY customer ORDER BY day)) AS until FROM customer_day
), change AS (
    SELECT day, count(*) AS by_how_many FROM held GROUP BY day
    UNION ALL SELECT until, -count(*) FROM held GROUP BY until
)
SELECT 'active_28d' AS metric, 'customers' AS measure, day AS period_start,
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

INSERT INTO result BY NAME
WITH around AS (
    SELECT month, lag(month) OVER (PARTITION BY customer ORDER BY month) AS before,
        lead(month) OVER (PARTITION BY customer ORDER BY month) AS after
    FROM customer_month
), status AS (
    SELECT month, CASE WHEN before IS NULL THEN 'new' WHEN before + INTERVAL 1 MONTH = month THEN 'returning'
        ELSE 'resurrected' END AS status
    FROM around
    UNION ALL
    SELECT (month + INTERVAL 1 MONTH)::DATE, 'dormant' FROM around
    WHERE after IS NULL OR after <> month + INTERVAL 1 MONTH
)
SELECT 'lifecycle' AS metric, status AS measure, month AS period_start, count(*) AS value
FROM status WHERE month <= (SELECT max(month) FROM months) GROUP BY ALL;

INSERT INTO result BY NAME
WITH customers AS (SELECT count(*) AS intervals FROM customer_month GROUP BY customer),
counts AS (
    SELECT intervals, count(*) AS exactly, sum(count(*)) OVER (ORDER BY intervals DESC) AS at_least
    FROM customers RIGHT JOIN (SELECT unnest(range(1, 1 + (SELECT count(*) FROM months))) AS intervals)
    USING (intervals) GROUP BY intervals
)
SELECT 'months_active' AS metric, unnest(['customers_exactly', 'customers_at_least']) AS measure,
    intervals AS "index", unnest([exactly, at_least]) AS value
FROM counts;

-- Events ---------------------------------------------------------------------------------------------------------

INSERT INTO result BY NAME
SELECT 'events' AS metric, 'value' AS measure, instant::DATE AS period_start, count(*) AS value
FROM event GROUP BY ALL;

INSERT INTO result BY NAME
WITH each AS (
    SELECT month, name, customer, count(*) AS events FROM event GROUP BY ALL
), counts AS (
    SELECT month, 'event=' || name AS segments, sum(events) AS events, count(customer) AS customers
    FROM each GROUP BY ALL
    UNION ALL SELECT month, '', sum(events), count(DISTINCT customer) FROM each GROUP BY month
)
SELECT unnest(['events_by_name', 'customers_by_name']) AS metric, 'value' AS measure, month AS period_start, segments,
    unnest([events, customers]) AS value
FROM counts;

-- A customer's plan in a month is the subscription that runs when it begins, of several the one begun last.
INSERT INTO result BY NAME
WITH running AS (
    SELECT customer, month, arg_max(plan, (started, coalesce(ended, 'infinity'::TIMESTAMP))) AS plan
    FROM plan JOIN customer USING (user_id) JOIN months ON started <= month AND coalesce(ended > month, true)
    GROUP BY ALL
), activity AS (
    SELECT customer, month, count(*) AS events FROM event GROUP BY ALL
), planned AS (
    SELECT month, events, plan FROM activity LEFT JOIN running USING (customer, month)
)
SELECT 'events_by_plan' AS metric, 'value' AS measure, month AS period_start,
    CASE WHEN grouping(plan) = 0 THEN 'subscriptions.plan=' || coalesce(plan, '(none)') ELSE '' END AS segments,
    sum(events) AS value
FROM planned GROUP BY GROUPING SETS ((month), (month, plan));

-- Ratios with an interval: customers are independent, their rows are not (delta method). A row of nobody stands alone.
CREATE MACRO half_width(x, y, xx, yy, xy, n) AS
    1.959963984540054 * sqrt(nullif(greatest(xx - 2 * (x / y) * xy + (x / y) * (x / y) * yy, 0), 0) * n / (n - 1)) / y;

INSERT INTO result BY NAME
WITH customers AS (
    SELECT month, customer, count(*)::DOUBLE AS x FROM event WHERE name = 'page_view' GROUP BY ALL
), sums AS (
    SELECT month, sum(x) AS x, count(customer) AS y,
        sum(CASE WHEN customer IS NULL THEN x ELSE x * x END) AS xx,
        sum(x) FILTER (customer IS NOT NULL) AS xy
    FROM customers GROUP BY month
)
SELECT 'page_views_per_visitor' AS metric, 'value' AS measure, month AS period_start, x / y AS value,
    value - half_width(x, y, xx, y, xy, y) AS ci_low, value + half_width(x, y, xx, y, xy, y) AS ci_high
FROM sums;

-- Sessions: one window over all rows finds where they begin, a second one over the beginnings alone where they end ----

CREATE TEMP TABLE session AS
WITH sequence AS (
    SELECT customer, instant, month, lag(instant) OVER by_time AS before, row_number() OVER by_time AS number
    FROM event WHERE customer IS NOT NULL WINDOW by_time AS (PARTITION BY customer ORDER BY instant)
), whole AS (
    SELECT customer, max(instant) AS last, count(*) AS rows FROM event WHERE customer IS NOT NULL GROUP BY customer
), opening AS (
    SELECT * FROM sequence WHERE before IS NULL OR instant - before > INTERVAL 30 MINUTE
)
SELECT customer, month,
    epoch_ms(coalesce(lead(before) OVER by_number, last)) - epoch_ms(instant) AS ms,
    coalesce(lead(number) OVER by_number, rows + 1) - number AS events
FROM opening JOIN whole USING (customer) WINDOW by_number AS (PARTITION BY customer ORDER BY number);

INSERT INTO result BY NAME
WITH sums AS (
    SELECT month, count(*) AS sessions, count(DISTINCT customer) AS customers, sum(ms) / 1000 AS seconds,
        median(ms) / 1000 AS median_seconds, sum(events) AS events, count(*) FILTER (events = 1) AS single
    FROM session GROUP BY month
)
SELECT 'visits' AS metric, month AS period_start,
    unnest(['sessions', 'customers', 'sessions_per_customer', 'mean_seconds', 'median_seconds', 'events_per_session',
        'single_event_sessions', 'single_event_share', 'seconds_per_customer']) AS measure,
    unnest([sessions, customers, sessions / customers, seconds / sessions, median_seconds, events / sessions,
        single, single / sessions, seconds / customers]) AS value
FROM sums;

-- Retention: the month of the first signup, in the last twelve months; active in it or in later ones ------------------

INSERT INTO result BY NAME
WITH entry AS (
    SELECT customer, date_trunc('month', min(instant))::DATE AS cohort
    FROM event WHERE name = 'signup' AND customer IS NOT NULL GROUP BY customer
), cohorts AS (
    SELECT cohort, count(*) AS size FROM entry, clock
    WHERE cohort > date_trunc('month', last_day) - INTERVAL 12 MONTH GROUP BY cohort
), returned AS (
    SELECT cohort, month, count(*) AS retained
    FROM entry JOIN customer_month USING (customer) WHERE month >= cohort GROUP BY ALL
), cells AS (
    SELECT cohort, datediff('month', cohort, month) AS number, size, coalesce(retained, 0) AS retained,
        ends <= as_of AS ended
    FROM cohorts JOIN months ON month >= cohort LEFT JOIN returned USING (cohort, month), clock
)
SELECT 'signup_retention' AS metric, 'rate' AS measure, cohort AS cohort_start, number AS "index",
    retained / size AS value
FROM cells
UNION ALL
SELECT 'signup_retention', 'rate', NULL, number, sum(retained) / sum(size) FROM cells WHERE ended GROUP BY number;

-- Funnel: the deepest attempt, the earliest of equals; each step the first at or after the one before ----------------

INSERT INTO result BY NAME
WITH cart AS (SELECT customer, instant FROM event WHERE name = 'add_to_cart' AND customer IS NOT NULL),
checkout AS (SELECT customer, instant FROM event WHERE name = 'checkout_started' AND customer IS NOT NULL),
purchase AS (SELECT customer, instant FROM event WHERE name = 'purchase' AND customer IS NOT NULL),
attempt AS (
    SELECT cart.customer, cart.instant AS at_1, checkout.instant AS at_2, purchase.instant AS at_3,
        CASE WHEN purchase.instant <= cart.instant + INTERVAL 14 DAY THEN 3
            WHEN checkout.instant <= cart.instant + INTERVAL 14 DAY THEN 2 ELSE 1 END AS depth
    FROM cart
    ASOF LEFT JOIN checkout ON cart.customer = checkout.customer AND cart.instant <= checkout.instant
    ASOF LEFT JOIN purchase ON checkout.customer = purchase.customer AND checkout.instant <= purchase.instant
), best AS (
    SELECT customer, arg_max(attempt, (depth, -epoch_ms(at_1))) AS a FROM attempt GROUP BY customer
), steps AS (
    SELECT count(*) AS n1, count(*) FILTER (a.depth >= 2) AS n2, count(*) FILTER (a.depth >= 3) AS n3,
        median(epoch_ms(a.at_2) - epoch_ms(a.at_1)) FILTER (a.depth >= 2) / 1000 AS median_2,
        median(epoch_ms(a.at_3) - epoch_ms(a.at_2)) FILTER (a.depth >= 3) / 1000 AS median_3,
        avg(epoch_ms(a.at_2) - epoch_ms(a.at_1)) FILTER (a.depth >= 2) / 1000 AS mean_2,
        avg(epoch_ms(a.at_3) - epoch_ms(a.at_2)) FILTER (a.depth >= 3) / 1000 AS mean_3
    FROM best
), tall AS (
    SELECT unnest([1, 2, 3]) AS "index", unnest(['add_to_cart', 'checkout_started', 'purchase']) AS step,
        unnest([n1, n2, n3]) AS customers, n1 AS entered, unnest([n1, n1, n2]) AS before,
        unnest([NULL, median_2, median_3]) AS median_seconds, unnest([NULL, mean_2, mean_3]) AS mean_seconds
    FROM steps
)
SELECT 'checkout' AS metric, "index", step,
    unnest(['conversion_from_start', 'conversion_from_previous', 'drop_off', 'customers', 'median_seconds',
        'mean_seconds']) AS measure,
    unnest([customers / entered, customers / before, 1 - customers / before, customers, median_seconds,
        mean_seconds]) AS value
FROM tall;

-- Purchases ------------------------------------------------------------------------------------------------------

INSERT INTO result BY NAME
WITH purchases AS (
    SELECT month, customer, sum(value) AS x, count(DISTINCT order_id)::DOUBLE AS y
    FROM event WHERE name = 'purchase' GROUP BY month, coalesce(customer, -1 - rowid), customer
), sums AS (
    SELECT month, sum(x) AS x, sum(y) AS y, sum(x * x) AS xx, sum(y * y) AS yy, sum(x * y) AS xy,
        count(*) FILTER (y > 0) AS n, count(DISTINCT customer) AS buyers
    FROM purchases GROUP BY month
), active AS (SELECT month, count(*) AS customers FROM customer_month GROUP BY month),
ids AS (SELECT month, count(DISTINCT order_id) AS orders FROM event WHERE name = 'purchase' GROUP BY month)
SELECT unnest(['orders', 'revenue', 'average_order_value', 'buyers_share', 'purchase_frequency']) AS metric,
    'value' AS measure, month AS period_start,
    unnest([orders, x, x / y, buyers / customers, y / buyers]) AS value,
    unnest([NULL, NULL, x / y - half_width(x, y, xx, yy, xy, n)]) AS ci_low,
    unnest([NULL, NULL, x / y + half_width(x, y, xx, yy, xy, n)]) AS ci_high
FROM sums JOIN active USING (month) JOIN ids USING (month);

-- Engagement score: weights of the 28 days up to the month's end, or as_of, over everybody known by then ------------

INSERT INTO result BY NAME
WITH known AS (
    SELECT customer, min(since) AS since
    FROM (
        SELECT customer, min(instant) AS since FROM event WHERE customer IS NOT NULL GROUP BY customer
        UNION ALL
        SELECT customer, '-infinity'::TIMESTAMP
        FROM customer SEMI JOIN read_csv(getvariable('customers'), all_varchar = true) AS exported USING (user_id)
        UNION ALL SELECT customer, coalesce(started, '-infinity'::TIMESTAMP) FROM plan JOIN customer USING (user_id)
        UNION ALL SELECT customer, coalesce(instant, '-infinity'::TIMESTAMP) FROM answer JOIN customer USING (user_id)
    )
    GROUP BY customer
), windows AS (
    SELECT month, least(ends, as_of) AS until FROM months, clock
), raw AS (
    SELECT customer, windows.month, sum(weight) AS raw
    FROM windows JOIN days ON day >= until - 28 AND day < until JOIN event ON instant::DATE = day
    WHERE customer IS NOT NULL GROUP BY ALL
), score AS (
    SELECT windows.month, coalesce(raw, 0) AS raw
    FROM known JOIN windows ON since < until
    LEFT JOIN raw ON raw.customer = known.customer AND raw.month = windows.month
), shares AS (
    SELECT month, avg(raw) AS mean, median(raw) AS median, count(*) AS n, count(*) FILTER (raw > 0) AS positive,
        count(*) FILTER (raw < 10) AS low, count(*) FILTER (raw >= 10 AND raw < 40) AS medium,
        count(*) FILTER (raw >= 40 AND raw < 100) AS high, count(*) FILTER (raw >= 100) AS top
    FROM score GROUP BY month
)
SELECT 'engagement_score' AS metric, month AS period_start,
    unnest(['mean_raw', 'median_raw', 'share_positive', 'share_low', 'share_medium', 'share_high', 'share_top'])
        AS measure,
    unnest([mean, median, positive / n, low / n, medium / n, high / n, top / n]) AS value
FROM shares;

-- Net promoter score of each customer's latest answer in the month --------------------------------------------------

INSERT INTO result BY NAME
WITH latest AS (
    SELECT date_trunc('month', instant)::DATE AS month, arg_max(score, (instant, score)) AS score FROM answer
    WHERE survey = 'nps' AND score BETWEEN 0 AND 10 AND score = floor(score) GROUP BY month, user_id
), shares AS (
    SELECT month, count(*) AS n, count(*) FILTER (score >= 9) / n AS p, count(*) FILTER (score < 7) / n AS d
    FROM latest GROUP BY month
)
SELECT 'nps' AS metric, 'nps' AS measure, month AS period_start, 100 * (p - d) AS value,
    value - 195.9963984540054 * sqrt(nullif(p + d - (p - d) ** 2, 0) / n) AS ci_low,
    value + 195.9963984540054 * sqrt(nullif(p + d - (p - d) ** 2, 0) / n) AS ci_high
FROM shares;
