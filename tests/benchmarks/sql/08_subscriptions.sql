-- Subscriptions: who runs with how much at each month's bounds, trials left out ---------------------------------------

CREATE TEMP TABLE paid AS
SELECT user_id, greatest(started, coalesce(trial_ends, started)) AS begins, ended, coalesce(mrr, 0) AS mrr, billing
FROM subscription WHERE user_id IS NOT NULL;

CREATE TEMP TABLE at_bound AS
SELECT user_id, bound, sum(mrr) AS mrr
FROM paid JOIN (
    SELECT month AS bound FROM months UNION SELECT ends FROM months
    UNION SELECT unnest([date_trunc('year', month), date_trunc('year', month) + INTERVAL 1 YEAR])::DATE FROM months
) ON begins <= bound AND bound < ended
GROUP BY ALL;

CREATE TEMP TABLE recurring AS
WITH first_paid AS (SELECT user_id, min(begins) AS since FROM paid WHERE mrr > 0 AND begins < ended GROUP BY user_id),
pairs AS (
    SELECT coalesce(o.bound, (c.bound - INTERVAL 1 MONTH)::DATE) AS month, o.mrr AS before, c.mrr AS after,
        coalesce(o.mrr, 0) AS paid_before, coalesce(c.mrr, 0) AS paid_after, since < month AS earlier
    FROM at_bound AS o FULL JOIN at_bound AS c
        ON o.user_id = c.user_id AND c.bound = (o.bound + INTERVAL 1 MONTH)::DATE
    LEFT JOIN first_paid ON first_paid.user_id = coalesce(o.user_id, c.user_id)
)
SELECT month, count(before) AS starting, count(after) AS ending, count(before + after) AS kept,
    coalesce(sum(before), 0) AS mrr_before, coalesce(sum(after), 0) AS mrr,
    coalesce(sum(paid_after) FILTER (paid_before = 0 AND earlier IS NOT true), 0) AS new,
    coalesce(sum(paid_after) FILTER (paid_before = 0 AND earlier), 0) AS reactivation,
    coalesce(sum(paid_after - paid_before) FILTER (paid_after > paid_before AND paid_before > 0), 0) AS expansion,
    coalesce(sum(paid_before - paid_after) FILTER (paid_after < paid_before AND paid_after > 0), 0) AS contraction,
    coalesce(sum(paid_before) FILTER (paid_after = 0), 0) AS churn,
    sum(after) FILTER (before IS NOT NULL) AS kept_mrr, sum(least(before, after)) FILTER (before + after IS NOT NULL)
        AS least_mrr
FROM pairs SEMI JOIN months USING (month) GROUP BY month;

INSERT INTO result BY NAME
SELECT unnest(['mrr', 'mrr', 'mrr', 'mrr', 'mrr', 'mrr', 'arpu', 'subscriber_lifetime_value', 'subscription_churn',
        'subscription_churn', 'subscription_retention', 'subscriber_growth', 'net_revenue_retention',
        'gross_revenue_retention']) AS metric,
    unnest(['mrr', 'new', 'reactivation', 'expansion', 'contraction', 'churn', 'arpu', 'value', 'churn_rate',
        'mrr_churn_rate', 'retention_rate', 'net_growth_rate', 'nrr', 'grr']) AS measure,
    month AS period_start,
    unnest([mrr, new, reactivation, expansion, contraction, churn, mrr / ending,
        mrr / ending / nullif((starting - kept) / starting, 0), (starting - kept) / starting, churn / mrr_before,
        kept / starting, (ending - starting) / starting, kept_mrr / mrr_before, least_mrr / mrr_before]) AS value
FROM recurring;

INSERT INTO result BY NAME
WITH years AS (SELECT DISTINCT date_trunc('year', month)::DATE AS year FROM months)
SELECT 'subscription_retention_yearly' AS metric, 'retention_rate' AS measure, year AS period_start,
    count(c.user_id) / count(*) AS value
FROM years JOIN at_bound AS o ON o.bound = year
LEFT JOIN at_bound AS c ON c.user_id = o.user_id AND c.bound = (year + INTERVAL 1 YEAR)::DATE
GROUP BY year;

-- A term ends on each anniversary by the calendar, as long as the row runs that far.
INSERT INTO result BY NAME
WITH terms AS (
    SELECT user_id, begins + number * CASE billing WHEN 'year' THEN INTERVAL 1 YEAR WHEN 'quarter' THEN
        INTERVAL 3 MONTH ELSE INTERVAL 1 MONTH END AS term, ended
    FROM (
        SELECT *, unnest(range(1, 2 + datediff('month', begins, least(ended, as_of)) // CASE billing WHEN 'year' THEN 12
            WHEN 'quarter' THEN 3 ELSE 1 END)) AS number
        FROM paid, clock WHERE billing IS NOT NULL
    )
), due AS (
    SELECT user_id, term, date_trunc('month', term)::DATE AS month FROM terms, clock
    WHERE term <= ended AND term < as_of AND term >= (SELECT min(month) FROM months)
), renewed AS (
    SELECT month, count(*) AS renewed
    FROM due SEMI JOIN paid ON paid.user_id = due.user_id AND begins <= term AND term < paid.ended GROUP BY month
)
SELECT 'renewal_rate' AS metric, 'renewal_rate' AS measure, month AS period_start,
    coalesce(any_value(renewed), 0) / count(*) AS value
FROM due LEFT JOIN renewed USING (month) GROUP BY month;

INSERT INTO result BY NAME
WITH ended_trials AS (
    SELECT DISTINCT user_id, trial_ends, date_trunc('month', trial_ends)::DATE AS month FROM subscription, clock
    WHERE trial_ends > started AND user_id IS NOT NULL AND trial_ends < as_of
), people AS (
    SELECT month, t.user_id, count(begins) > 0 AS converted
    FROM ended_trials AS t LEFT JOIN paid ON paid.user_id = t.user_id AND begins <= trial_ends AND trial_ends < ended
    GROUP BY ALL
)
SELECT 'trial_conversion' AS metric, 'trial_conversion_rate' AS measure, month AS period_start,
    count(*) FILTER (converted) / count(*) AS value
FROM people SEMI JOIN months USING (month) GROUP BY month;

-- What winning a customer costs, in months of what a subscriber pays when the data ends.
INSERT INTO result BY NAME
SELECT 'payback_months' AS metric, any_value(cost) / (sum(mrr) / count(DISTINCT user_id)) AS value
FROM paid, clock, acquisition WHERE begins <= last_instant AND last_instant < ended;
