-- Surveys: each customer's latest valid answer of the month; the audience of the brand's accounts.

INSERT INTO result (metric, measure, period_start, value)
WITH latest AS (
    SELECT survey, toStartOfMonth(instant) AS month, argMax(score, (instant, score)) AS score FROM answer WHERE valid
    GROUP BY survey, month, customer
), sums AS (
    SELECT survey, month, countIf(score >= 9) - countIf(score < 7) AS promoters, countIf(score >= 4) AS content,
        avg(score) AS mean, count() AS n
    FROM latest GROUP BY survey, month
)
SELECT row.1, row.2, month, row.3
FROM sums ARRAY JOIN multiIf(survey = 'nps', [('nps', 'nps', toNullable(100 * promoters / n))],
    survey = 'csat', [('csat', 'csat', toNullable(content / n)), ('csat', 'mean', mean)],
    [('effort_score', 'effort', mean)]) AS row;

CREATE TABLE audience ENGINE = Memory AS
SELECT toStartOfMonth(date) AS month, date AS day, account, followers, reach, mentions
FROM file('{audience}', CSVWithNames, 'date Date, account String, followers Nullable(Int64), reach Nullable(Int64),
    mentions Nullable(Int64)');

-- Each account's last number of followers by the month's end; the other numbers are sums over its days.
INSERT INTO result (metric, period_start, value)
WITH closing AS (
    SELECT month, sum(last) AS followers
    FROM (
        SELECT months.month AS month, account, argMax(followers, day) AS last FROM audience, months
        WHERE day < ends GROUP BY months.month, account
    )
    GROUP BY month
), sums AS (
    SELECT month, sum(reach) AS reach, sum(mentions) AS mentions FROM audience GROUP BY month
), reactions AS (
    SELECT month, sum(n) AS n FROM monthly WHERE name IN ('like', 'comment', 'share', 'content_shared') GROUP BY month
), wide AS (
    SELECT month, toFloat64(reach) AS reach, toFloat64(mentions) AS mentions, toFloat64(followers) AS followers,
        lag(followers) OVER (ORDER BY month) AS earlier, n
    FROM closing LEFT JOIN sums USING (month) LEFT JOIN reactions USING (month)
)
SELECT row.1, month, row.2
FROM wide ARRAY JOIN [('reach', reach), ('brand_mentions', mentions), ('followers', followers),
    ('follower_growth', (followers - earlier) / earlier), ('social_engagement_rate', n / followers)] AS row;
