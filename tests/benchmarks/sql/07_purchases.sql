-- Purchases, lifetime value and what customers cost ------------------------------------------------------------------

CREATE TEMP TABLE spending AS
SELECT month, sum(value) AS revenue, sum(value) FILTER (customer IS NOT NULL) AS known_revenue,
    count(DISTINCT order_id) AS orders, count(DISTINCT customer) AS buyers
FROM purchase GROUP BY month;

INSERT INTO result BY NAME
WITH known AS (
    SELECT month, count(*) AS orders
    FROM (SELECT DISTINCT month, customer, order_id FROM purchase WHERE customer IS NOT NULL) GROUP BY month
), back AS (SELECT month, sum(abs(value)) AS refunds FROM event WHERE name = 'refund' GROUP BY month)
SELECT unnest(['orders', 'revenue_gross', 'refunds', 'revenue_net', 'refund_ratio', 'average_order_value',
        'purchase_frequency', 'revenue_per_active_customer']) AS metric,
    month AS period_start,
    unnest([s.orders, revenue, coalesce(refunds, 0), revenue - coalesce(refunds, 0), coalesce(refunds, 0) / revenue,
        revenue / s.orders, known.orders / buyers, known_revenue / customers]) AS value
FROM spending AS s JOIN known USING (month) LEFT JOIN back USING (month) JOIN active_month USING (month);

CREATE TEMP TABLE lifetime AS
WITH years AS (
    SELECT sum(datediff('day', greatest(month, first_day), least(ends, last_day + 1)) / datediff('day', month, ends))
        / 12 AS years FROM months, clock
), people AS (
    SELECT customer, sum(value) AS revenue, count(DISTINCT order_id) AS orders FROM purchase
    WHERE customer IS NOT NULL AND value IS NOT NULL GROUP BY customer
)
SELECT sum(revenue) / sum(orders) AS average_value, sum(orders) / count(*) / any_value(years) AS purchases_per_year,
    avg(revenue) / any_value(years) AS clv
FROM people, years;

CREATE TEMP TABLE acquisition AS
SELECT avg(acquisition_cost) AS cost, count(DISTINCT user_id) FILTER (referred_by IS NOT NULL)
    / count(DISTINCT user_id) AS referred FROM profile;

INSERT INTO result BY NAME
SELECT 'customer_lifetime_value' AS metric, unnest(['clv', 'average_value', 'purchases_per_year']) AS measure,
    unnest([clv, average_value, purchases_per_year]) AS value FROM lifetime
UNION ALL
SELECT unnest(['acquisition_cost', 'ltv_to_cac', 'referred_customers']), 'value', unnest([cost, clv / cost, referred])
FROM lifetime, acquisition;
