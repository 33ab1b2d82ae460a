-- Funnels: the deepest attempt of the month, the earliest of equals; each step the first at or after the one before.
-- A step that never comes is at time 0.

CREATE TABLE step ENGINE = Memory AS
SELECT customer, name, month, ms FROM event
WHERE customer != 0 AND name IN ('add_to_cart', 'checkout_started', 'purchase', 'signup', 'feature_used', 'ticket_opened');

CREATE TABLE purchase ENGINE = Memory AS
SELECT customer, ms, month, value, assumeNotNull(coalesce(thing, generateUUIDv4()::String)) AS order_id
FROM detail WHERE name = 'purchase';

CREATE TABLE attempt ENGINE = Memory AS
WITH cart AS (SELECT customer, month, ms FROM step WHERE name = 'add_to_cart'),
checkout AS (SELECT customer, ms FROM step WHERE name = 'checkout_started'),
signup AS (SELECT customer, month, ms FROM step WHERE name = 'signup'),
feature AS (SELECT customer, ms FROM step WHERE name = 'feature_used'),
ticket AS (SELECT customer, ms FROM step WHERE name = 'ticket_opened'),
bought AS (SELECT customer, month, ms FROM step WHERE name = 'purchase')
SELECT 'checkout' AS funnel, c.customer AS customer, c.month AS month, c.at_1 AS at_1, c.at_2 AS at_2,
    b.ms AS at_3, 14 * 86400000 AS within
FROM (
    SELECT a.customer AS customer, a.month AS month, a.ms AS at_1, o.ms AS at_2
    FROM cart AS a ASOF LEFT JOIN checkout AS o ON a.customer = o.customer AND a.ms <= o.ms
) AS c ASOF LEFT JOIN bought AS b ON c.customer = b.customer AND c.at_2 <= b.ms
UNION ALL
SELECT 'abandonment', a.customer, a.month, a.ms, b.ms, 0, 14 * 86400000
FROM cart AS a ASOF LEFT JOIN bought AS b ON a.customer = b.customer AND a.ms <= b.ms
UNION ALL
SELECT 'activation', a.customer, a.month, a.ms, b.ms, 0, 14 * 86400000
FROM signup AS a ASOF LEFT JOIN feature AS b ON a.customer = b.customer AND a.ms <= b.ms
UNION ALL
SELECT 'support_after_purchase', a.customer, a.month, a.ms, b.ms, 0, 30 * 86400000
FROM bought AS a ASOF LEFT JOIN ticket AS b ON a.customer = b.customer AND a.ms <= b.ms
UNION ALL
SELECT 'repeat_purchase_90d', customer, toStartOfMonth(fromUnixTimestamp64Milli(ms, 'UTC')), ms,
    lead(ms) OVER (PARTITION BY customer ORDER BY ms), 0, 90 * 86400000
FROM (SELECT customer, min(ms) AS ms FROM purchase WHERE customer != 0 GROUP BY customer, order_id);

CREATE TABLE steps ENGINE = Memory AS
WITH deep AS (
    SELECT *, multiIf(at_2 = 0 OR at_2 > at_1 + within, 1, at_3 = 0 OR at_3 > at_1 + within, 2, 3) AS depth FROM attempt
), best AS (
    SELECT funnel, month, customer, max(depth) AS deepest, argMax(at_2 - at_1, (depth, -at_1)) AS to_2,
        argMax(at_3 - at_2, (depth, -at_1)) AS to_3
    FROM deep GROUP BY funnel, month, customer
)
SELECT funnel, month, toFloat64(count()) AS n1, toFloat64(countIf(deepest >= 2)) AS n2,
    toFloat64(countIf(deepest >= 3)) AS n3,
    quantileExactInclusiveIf(0.5)(to_2, deepest >= 2) / 1000 AS median_2, avgIf(to_2, deepest >= 2) / 1000 AS mean_2,
    quantileExactInclusiveIf(0.5)(to_3, deepest >= 3) / 1000 AS median_3, avgIf(to_3, deepest >= 3) / 1000 AS mean_3
FROM best GROUP BY funnel, month;

INSERT INTO result (metric, measure, "index", period_start, value)
SELECT funnel, row.2, row.1, month, row.3
FROM steps ARRAY JOIN arrayFilter(row -> row.1 < 3 OR funnel = 'checkout', [
    (1, 'customers', n1), (1, 'conversion_from_start', 1), (1, 'conversion_from_previous', 1), (1, 'drop_off', 0),
    (2, 'customers', n2), (2, 'conversion_from_start', n2 / n1), (2, 'conversion_from_previous', n2 / n1),
    (2, 'drop_off', 1 - n2 / n1), (2, 'median_seconds', median_2), (2, 'mean_seconds', mean_2),
    (3, 'customers', n3), (3, 'conversion_from_start', n3 / n1), (3, 'conversion_from_previous', n3 / n2),
    (3, 'drop_off', 1 - n3 / n2), (3, 'median_seconds', median_3), (3, 'mean_seconds', mean_3)]) AS row
WHERE funnel != 'abandonment'
UNION ALL
SELECT 'cart_abandonment', 'abandonment', NULL, month, (n1 - n2) / n1 FROM steps WHERE funnel = 'abandonment';
