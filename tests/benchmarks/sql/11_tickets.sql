-- Tickets: from the first opening of each to its first answer and to its first resolution -----------------------------

CREATE TEMP TABLE ticket AS
WITH opened AS (
    SELECT thing AS ticket, min(instant) AS opened FROM event WHERE name = 'ticket_opened' AND thing IS NOT NULL
    GROUP BY thing
), ends AS (
    SELECT thing AS ticket, instant, name = 'ticket_resolved' AS resolves FROM event
    WHERE name IN ('ticket_replied', 'ticket_resolved') AND thing IS NOT NULL
)
SELECT ticket, opened, min(instant) FILTER (NOT resolves AND instant >= opened) AS answered,
    min(instant) FILTER (resolves AND instant >= opened) AS resolved,
    min(instant) FILTER (NOT resolves) AS first_answer, min(instant) FILTER (resolves) AS first_resolution
FROM opened FULL JOIN ends USING (ticket) GROUP BY ALL;

INSERT INTO result BY NAME
WITH pairs AS (
    SELECT ['first_response_time'] AS metrics, opened, answered AS ended, first_answer AS first_end,
        INTERVAL 24 HOUR AS within FROM ticket
    UNION ALL SELECT ['resolution_time', 'overdue_tickets'], opened, resolved, first_resolution, INTERVAL 72 HOUR
    FROM ticket
), each AS (
    SELECT metrics, date_trunc('month', opened)::DATE AS month, count(*) AS pairs, count(ended) AS ended,
        count(*) FILTER (ended IS NULL AND opened + within < as_of) AS overdue,
        median(epoch_ms(ended) - epoch_ms(opened)) / 1000 AS median_seconds,
        avg(epoch_ms(ended) - epoch_ms(opened)) / 1000 AS mean_seconds,
        quantile_cont(epoch_ms(ended) - epoch_ms(opened), 0.9) / 1000 AS p90_seconds,
        count(*) FILTER (ended <= opened + within) AS in_time
    FROM pairs, clock WHERE opened IS NOT NULL GROUP BY ALL
), stock AS (
    SELECT metrics, month, count(*) AS open_at_end, count(*) FILTER (opened + within < bound) AS overdue_at_end
    FROM pairs JOIN (SELECT month, least(ends, last_instant + INTERVAL 1 MICROSECOND) AS bound FROM months, clock)
        ON opened < bound AND (ended IS NULL OR ended >= bound)
    GROUP BY ALL
), orphans AS (
    SELECT metrics, date_trunc('month', first_end)::DATE AS month, count(*) AS ends_without_start
    FROM pairs WHERE opened IS NULL AND first_end IS NOT NULL OR opened > first_end GROUP BY ALL
)
SELECT unnest(metrics) AS metric, month AS period_start, measure, value
FROM (
    SELECT metrics, month,
        unnest(['median_seconds', 'pairs', 'ended', 'open', 'overdue', 'ends_without_start', 'mean_seconds',
            'p90_seconds', 'within_share', 'ended_share', 'open_at_end', 'overdue_at_end']) AS measure,
        unnest([median_seconds, pairs, ended, pairs - ended, overdue, coalesce(ends_without_start, 0), mean_seconds,
            p90_seconds, in_time / pairs, ended / pairs, coalesce(open_at_end, 0), coalesce(overdue_at_end, 0)])
            AS value
    FROM each LEFT JOIN stock USING (metrics, month) LEFT JOIN orphans USING (metrics, month)
);
