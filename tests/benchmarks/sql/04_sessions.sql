-- Sessions: customer and time packed into one number, which sorts faster than two columns; over sorted rows the windows
-- have nothing to sort. A gap of more than 30 minutes, or another customer, opens a session; the row before that opening
-- closed the session before. What is sent or shown to a customer, or done by support, is in none.

CREATE TEMP TABLE sequence AS
SELECT (customer::BIGINT << 40) + epoch_ms(instant) - epoch_ms(first_day::TIMESTAMP) AS moment
FROM event, clock
WHERE customer IS NOT NULL AND name NOT IN ('email_delivered', 'email_opened', 'ad_impression', 'ticket_replied',
    'ticket_resolved', 'refund')
ORDER BY moment;

CREATE TEMP TABLE opening AS
SELECT * FROM (SELECT moment, lag(moment) OVER () AS before, row_number() OVER () AS number FROM sequence)
WHERE before IS NULL OR moment - before > 30 * 60 * 1000;

CREATE TEMP TABLE session AS
WITH closed AS (SELECT *, lead(before) OVER () AS last, lead(number) OVER () AS next FROM opening)
SELECT moment >> 40 AS customer, coalesce(last, (SELECT max(moment) FROM sequence)) - moment AS ms,
    coalesce(next, (SELECT count(*) + 1 FROM sequence)) - number AS events,
    date_trunc('month', first_day + to_milliseconds(moment & (1::BIGINT << 40) - 1))::DATE AS month
FROM closed, clock;

INSERT INTO result BY NAME
WITH sums AS (
    SELECT month, count(*) AS sessions, count(DISTINCT customer) AS customers, sum(ms) / 1000 AS seconds,
        median(ms) / 1000 AS median_seconds, sum(events) AS events, count(*) FILTER (events = 1) AS single
    FROM session GROUP BY month
)
SELECT unnest(['sessions', 'sessions', 'sessions', 'sessions', 'sessions', 'sessions', 'sessions', 'sessions',
        'sessions', 'visit_frequency', 'session_duration', 'time_per_customer']) AS metric,
    unnest(['sessions', 'customers', 'sessions_per_customer', 'mean_seconds', 'median_seconds', 'events_per_session',
        'single_event_sessions', 'single_event_share', 'seconds_per_customer', 'value', 'value', 'value']) AS measure,
    month AS period_start,
    unnest([sessions, customers, sessions / customers, seconds / sessions, median_seconds, events / sessions,
        single, single / sessions, seconds / customers, sessions / customers, seconds / sessions,
        seconds / customers]) AS value
FROM sums;
