-- Tickets: from the first opening of each to its first answer and to its first resolution. What never came is at
-- time 0.

CREATE TABLE ticket ENGINE = Memory AS
SELECT minIf(ms, name = 'ticket_opened') AS opened,
    arraySort(groupArrayIf(ms, name = 'ticket_replied')) AS replies,
    arraySort(groupArrayIf(ms, name = 'ticket_resolved')) AS resolutions
FROM detail WHERE name IN ('ticket_opened', 'ticket_replied', 'ticket_resolved') AND thing IS NOT NULL GROUP BY thing;

-- Two ends of each ticket: metric, the first end, the first one from the opening on, and the time that it has.
CREATE TABLE pair ENGINE = Memory AS
SELECT metric, opened, ends[1] AS first_end, arrayFirst(time -> time >= opened, ends) AS ended, opened + within AS due
FROM ticket ARRAY JOIN ['first_response_time', 'resolution_time'] AS metric, [replies, resolutions] AS ends,
    [24 * 3600000, 72 * 3600000] AS within;

INSERT INTO result (metric, measure, period_start, value)
WITH each AS (
    SELECT metric, toStartOfMonth(fromUnixTimestamp64Milli(opened, 'UTC')) AS month, toFloat64(count()) AS pairs,
        toFloat64(countIf(ended > 0)) AS answered,
        toFloat64(countIf(ended = 0 AND due < (SELECT as_of_ms FROM clock))) AS overdue,
        quantilesExactInclusiveIf(0.5, 0.9)(ended - opened, ended > 0) AS quantiles,
        avgIf(ended - opened, ended > 0) / 1000 AS mean_seconds, countIf(ended > 0 AND ended <= due) AS in_time
    FROM pair WHERE opened > 0 GROUP BY metric, month
), stock AS (
    SELECT metric, bound.1 AS month, toFloat64(count()) AS open, toFloat64(countIf(due < bound.2)) AS overdue
    FROM pair ARRAY JOIN arrayFilter(b -> opened < b.2 AND (ended = 0 OR ended >= b.2), (
        SELECT groupArray((month, least(toInt64(ends) * 86400000, last_ms + 1))) FROM months, clock
    )) AS bound
    WHERE opened > 0 GROUP BY metric, month
), orphans AS (
    SELECT metric, toStartOfMonth(fromUnixTimestamp64Milli(first_end, 'UTC')) AS month, toFloat64(count()) AS n
    FROM pair WHERE first_end > 0 AND (opened = 0 OR first_end < opened) GROUP BY metric, month
)
SELECT arrayJoin(if(metric = 'resolution_time', [metric, 'overdue_tickets'], [metric])), row.1, month, row.2
FROM each LEFT JOIN stock USING (metric, month) LEFT JOIN orphans USING (metric, month) ARRAY JOIN [
    ('median_seconds', quantiles[1] / 1000), ('pairs', pairs), ('ended', answered), ('open', pairs - answered),
    ('overdue', each.overdue), ('ends_without_start', orphans.n), ('mean_seconds', mean_seconds),
    ('p90_seconds', quantiles[2] / 1000), ('within_share', in_time / pairs), ('ended_share', answered / pairs),
    ('open_at_end', stock.open), ('overdue_at_end', stock.overdue)] AS row;
