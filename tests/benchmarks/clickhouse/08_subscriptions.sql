-- Subscriptions: who runs with how much at each month's and year's bounds, trials left out. What asks for the other
-- rows of the same customer asks an array of them, which is shorter than a join on ranges of time.

-- Which customers had a subscription at the bounds of a month (length 1) or year (12), and what they paid there;
-- earlier says who had paid before it began.
CREATE TABLE held ENGINE = Memory AS
WITH periods AS (
    SELECT groupArray((1, month, ends)) AS months,
        groupUniqArray((12, toStartOfYear(month), toStartOfYear(month) + toIntervalYear(1))) AS years
    FROM months
)
SELECT customer, period.1 AS length, period.2 AS starts, max(begins <= starts AND starts < ended) AS had,
    max(begins <= period.3 AND period.3 < ended) AS has,
    sumIf(mrr, begins <= starts AND starts < ended) AS before,
    sumIf(mrr, begins <= period.3 AND period.3 < ended) AS after,
    countIf(mrr > 0 AND begins < ended AND begins < starts) > 0 AS earlier
FROM subscription ARRAY JOIN arrayFilter(p -> begins <= p.3, (SELECT arrayConcat(months, years) FROM periods)) AS period
GROUP BY customer, length, starts HAVING had OR has;

INSERT INTO result (metric, measure, period_start, value)
WITH recurring AS (
    SELECT starts AS month, toFloat64(sum(had)) AS starting, toFloat64(sum(has)) AS ending,
        toFloat64(countIf(had AND has)) AS kept, sum(before) AS mrr_before, sum(after) AS mrr,
        sumIf(after, before = 0 AND NOT earlier) AS new, sumIf(after, before = 0 AND earlier) AS reactivation,
        sumIf(after - before, after > before AND before > 0) AS expansion,
        sumIf(before - after, after < before AND after > 0) AS contraction, sumIf(before, after = 0) AS churn,
        sumIf(after, had) AS kept_mrr, sumIf(least(before, after), had AND has) AS least_mrr
    FROM held WHERE length = 1 GROUP BY starts
)
SELECT row.1, row.2, month, row.3
FROM recurring ARRAY JOIN [('mrr', 'mrr', mrr), ('mrr', 'new', new), ('mrr', 'reactivation', reactivation),
    ('mrr', 'expansion', expansion), ('mrr', 'contraction', contraction), ('mrr', 'churn', churn),
    ('arpu', 'arpu', mrr / ending),
    ('subscriber_lifetime_value', 'value', mrr / ending / ((starting - kept) / starting)),
    ('subscription_churn', 'churn_rate', (starting - kept) / starting),
    ('subscription_churn', 'mrr_churn_rate', churn / mrr_before),
    ('subscription_retention', 'retention_rate', kept / starting),
    ('subscriber_growth', 'net_growth_rate', (ending - starting) / starting),
    ('net_revenue_retention', 'nrr', kept_mrr / mrr_before),
    ('gross_revenue_retention', 'grr', least_mrr / mrr_before)] AS row
UNION ALL
SELECT 'subscription_retention_yearly', 'retention_rate', starts, countIf(had AND has) / countIf(had)
FROM held WHERE length = 12 GROUP BY starts;

CREATE TABLE subscriber ENGINE = Memory AS
SELECT customer, groupArray((begins, ended)) AS spans FROM subscription GROUP BY customer;

-- A term ends on each anniversary by the calendar, as long as the row runs that far.
INSERT INTO result (metric, measure, period_start, value)
WITH due AS (
    SELECT customer, multiIf(billing = 'year', 12, billing = 'quarter', 3, 1) AS step,
        arrayJoin(arrayMap(n -> begins + toIntervalMonth(n * step),
            range(1, 2 + dateDiff('month', begins, least(ended, as_of)) DIV step))) AS term
    FROM subscription, clock WHERE billing != '' AND begins < as_of
        AND term <= ended AND term < as_of AND term >= toStartOfMonth(first_day)
)
SELECT 'renewal_rate', 'renewal_rate', toStartOfMonth(term) AS month,
    countIf(arrayExists(span -> span.1 <= term AND term < span.2, spans)) / count()
FROM due JOIN subscriber USING (customer) GROUP BY month;

INSERT INTO result (metric, measure, period_start, value)
WITH people AS (
    SELECT customer, toStartOfMonth(trial_ends) AS month,
        max(arrayExists(span -> span.1 <= trial_ends AND trial_ends < span.2, spans)) AS converted
    FROM subscription JOIN subscriber USING (customer), clock
    WHERE trial_ends > started AND trial_ends < as_of AND trial_ends >= toStartOfMonth(first_day)
    GROUP BY customer, month
)
SELECT 'trial_conversion', 'trial_conversion_rate', month, avg(converted) FROM people GROUP BY month;

-- What winning a customer costs, in months of what a subscriber pays when the data ends.
INSERT INTO result (metric, value)
SELECT 'payback_months', any(cost) / (sum(mrr) / uniqExact(customer))
FROM subscription, clock, acquisition
WHERE fromUnixTimestamp64Milli(last_ms, 'UTC') >= begins AND fromUnixTimestamp64Milli(last_ms, 'UTC') < ended;
