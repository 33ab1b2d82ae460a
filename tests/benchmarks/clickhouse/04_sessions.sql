-- Sessions: each customer's times sorted in an array, which is split where a gap of more than 30 minutes lies. What is
-- sent or shown to a customer, or done by support, is in none.

CREATE TABLE session ENGINE = Memory AS
SELECT customer, toStartOfMonth(fromUnixTimestamp64Milli(times[1], 'UTC')) AS month, times[-1] - times[1] AS ms,
    length(times) AS events
FROM (
    SELECT customer, arraySort(groupArray(ms)) AS all,
        arraySplit((time, gap) -> gap > 1800000, all, arrayDifference(all)) AS parts
    FROM event
    WHERE customer != 0 AND name NOT IN ('email_delivered', 'email_opened', 'ad_impression', 'ticket_replied',
        'ticket_resolved', 'refund')
    GROUP BY customer
) ARRAY JOIN parts AS times;

INSERT INTO result (metric, measure, period_start, value)
WITH sums AS (
    SELECT month, toFloat64(count()) AS sessions, toFloat64(uniqExact(customer)) AS customers, sum(ms) / 1000 AS seconds,
        quantileExactInclusive(0.5)(ms) / 1000 AS median_seconds, sum(events) AS events, toFloat64(countIf(events = 1)) AS single
    FROM session GROUP BY month
)
SELECT row.1, row.2, month, row.3
FROM sums ARRAY JOIN [
    ('sessions', 'sessions', sessions), ('sessions', 'customers', customers),
    ('sessions', 'sessions_per_customer', sessions / customers), ('sessions', 'mean_seconds', seconds / sessions),
    ('sessions', 'median_seconds', median_seconds), ('sessions', 'events_per_session', events / sessions),
    ('sessions', 'single_event_sessions', single), ('sessions', 'single_event_share', single / sessions),
    ('sessions', 'seconds_per_customer', seconds / customers), ('visit_frequency', 'value', sessions / customers),
    ('session_duration', 'value', seconds / sessions), ('time_per_customer', 'value', seconds / customers)] AS row;
