-- Purchases, lifetime value and what customers cost.

INSERT INTO result (metric, period_start, value)
WITH known AS (
    SELECT month, count() AS orders
    FROM (SELECT DISTINCT month, customer, order_id FROM purchase WHERE customer != 0) GROUP BY month
), back AS (
    SELECT month, sum(abs(value)) AS refunds FROM detail WHERE name = 'refund' GROUP BY month
), spending AS (
    SELECT month, assumeNotNull(sum(value)) AS revenue, assumeNotNull(sumIf(value, customer != 0)) AS known_revenue,
        toFloat64(uniqExact(order_id)) AS n, uniqExactIf(customer, customer != 0) AS buyers
    FROM purchase GROUP BY month
), wide AS (
    SELECT month, revenue, known_revenue, n, buyers, ifNull(back.refunds, 0) AS refunds, known.orders AS known_orders,
        active_month.customers AS active
    FROM spending JOIN known USING (month) LEFT JOIN back USING (month) JOIN active_month USING (month)
)
SELECT row.1, month, row.2
FROM wide ARRAY JOIN [('orders', n), ('revenue_gross', revenue), ('refunds', refunds),
    ('revenue_net', revenue - refunds), ('refund_ratio', refunds / revenue), ('average_order_value', revenue / n),
    ('purchase_frequency', known_orders / buyers), ('revenue_per_active_customer', known_revenue / active)] AS row;

CREATE TABLE acquisition ENGINE = Memory AS
SELECT assumeNotNull(avg(acquisition_cost)) AS cost,
    uniqExactIf(customer, referrer != 0) / uniqExact(customer) AS referred
FROM profile;

INSERT INTO result (metric, measure, value)
WITH years AS (
    SELECT sum(dateDiff('day', greatest(month, first_day), least(ends, last_day + 1)) / dateDiff('day', month, ends)) / 12
        AS years FROM months, clock
), people AS (
    SELECT customer, sum(value) AS revenue, uniqExact(order_id) AS orders FROM purchase
    WHERE customer != 0 AND value IS NOT NULL GROUP BY customer
), lifetime AS (
    SELECT assumeNotNull(sum(revenue)) / sum(orders) AS average, sum(orders) / count() / (SELECT years FROM years) AS rate,
        assumeNotNull(avg(revenue)) / (SELECT years FROM years) AS clv
    FROM people
)
SELECT row.1, row.2, row.3 FROM lifetime, acquisition ARRAY JOIN [('customer_lifetime_value', 'clv', clv),
    ('customer_lifetime_value', 'average_value', average), ('customer_lifetime_value', 'purchases_per_year', rate),
    ('acquisition_cost', 'value', cost), ('ltv_to_cac', 'value', clv / cost), ('referred_customers', 'value', referred)] AS row;
