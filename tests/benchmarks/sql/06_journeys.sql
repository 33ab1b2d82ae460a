-- Funnels: the deepest attempt of the month, the earliest of equals; each step the first at or after the one before ---

CREATE TEMP TABLE purchase AS
SELECT customer, instant, month, value, coalesce(thing, 'row ' || rowid) AS order_id FROM event WHERE name = 'purchase';

CREATE TEMP TABLE attempt AS
WITH cart AS (SELECT customer, month, instant FROM event WHERE name = 'add_to_cart' AND customer IS NOT NULL),
checkout AS (SELECT customer, instant FROM event WHERE name = 'checkout_started' AND customer IS NOT NULL),
signup AS (SELECT customer, month, instant FROM event WHERE name = 'signup' AND customer IS NOT NULL),
feature AS (SELECT customer, instant FROM event WHERE name = 'feature_used' AND customer IS NOT NULL),
ticket AS (SELECT customer, instant FROM event WHERE name = 'ticket_opened' AND customer IS NOT NULL),
bought AS (SELECT customer, month, instant FROM purchase WHERE customer IS NOT NULL),
ordered AS (
    SELECT customer, min(instant) AS instant FROM purchase WHERE customer IS NOT NULL GROUP BY customer, order_id
)
SELECT 'checkout' AS funnel, cart.customer, cart.month, cart.instant AS at_1, checkout.instant AS at_2,
    bought.instant AS at_3, INTERVAL 14 DAY AS within
FROM cart
ASOF LEFT JOIN checkout ON cart.customer = checkout.customer AND cart.instant <= checkout.instant
ASOF LEFT JOIN bought ON checkout.customer = bought.customer AND checkout.instant <= bought.instant
UNION ALL
SELECT 'abandonment', cart.customer, cart.month, cart.instant, bought.instant, NULL, INTERVAL 14 DAY
FROM cart ASOF LEFT JOIN bought ON cart.customer = bought.customer AND cart.instant <= bought.instant
UNION ALL
SELECT 'activation', signup.customer, month, signup.instant, feature.instant, NULL, INTERVAL 14 DAY
FROM signup ASOF LEFT JOIN feature ON signup.customer = feature.customer AND signup.instant <= feature.instant
UNION ALL
SELECT 'support_after_purchase', bought.customer, month, bought.instant, ticket.instant, NULL, INTERVAL 30 DAY
FROM bought ASOF LEFT JOIN ticket ON bought.customer = ticket.customer AND bought.instant <= ticket.instant
UNION ALL
SELECT 'repeat_purchase_90d', customer, date_trunc('month', instant)::DATE, instant,
    lead(instant) OVER (PARTITION BY customer ORDER BY instant), NULL, INTERVAL 90 DAY
FROM ordered;

INSERT INTO result BY NAME
WITH deep AS (
    SELECT funnel, month, customer, CASE WHEN at_3 <= at_1 + within THEN 3 WHEN at_2 <= at_1 + within THEN 2 ELSE 1 END
        AS depth, epoch_ms(at_1) AS ms_1, epoch_ms(at_2) AS ms_2, epoch_ms(at_3) AS ms_3
    FROM attempt
), best AS (
    SELECT funnel, month, customer, max(depth) AS depth, arg_max(ms_2 - ms_1, (depth, -ms_1)) AS to_2,
        arg_max(ms_3 - ms_2, (depth, -ms_1)) AS to_3
    FROM deep GROUP BY ALL
), steps AS (
    SELECT funnel, month, count(*) AS n1, count(*) FILTER (depth >= 2) AS n2, count(*) FILTER (depth >= 3) AS n3,
        median(to_2) FILTER (depth >= 2) / 1000 AS median_2, avg(to_2) FILTER (depth >= 2) / 1000 AS mean_2,
        median(to_3) FILTER (depth >= 3) / 1000 AS median_3, avg(to_3) FILTER (depth >= 3) / 1000 AS mean_3
    FROM best GROUP BY ALL
), tall AS (
    SELECT funnel, month, unnest(CASE funnel WHEN 'checkout' THEN [1, 2, 3] ELSE [1, 2] END) AS number,
        [n1, n2, n3][number] AS customers, n1 AS entered, [n1, n1, n2][number] AS before,
        [NULL, median_2, median_3][number] AS median_seconds, [NULL, mean_2, mean_3][number] AS mean_seconds
    FROM steps WHERE funnel <> 'abandonment'
)
SELECT funnel AS metric, month AS period_start, number AS "index",
    unnest(['conversion_from_start', 'conversion_from_previous', 'drop_off', 'customers', 'median_seconds',
        'mean_seconds']) AS measure,
    unnest([customers / entered, customers / before, 1 - customers / before, customers, median_seconds,
        mean_seconds]) AS value
FROM tall
UNION ALL
SELECT 'cart_abandonment', month, NULL, 'abandonment', (n1 - n2) / n1 FROM steps WHERE funnel = 'abandonment';
