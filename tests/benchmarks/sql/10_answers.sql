-- Surveys: each customer's latest valid answer of the month; the audience of the brand's accounts --------------------

INSERT INTO result BY NAME
WITH latest AS (
    SELECT survey, date_trunc('month', instant)::DATE AS month, arg_max(score, (instant, score)) AS score FROM answer
    WHERE survey = 'nps' AND score BETWEEN 0 AND 10 AND score = floor(score) OR survey = 'csat'
        AND score BETWEEN 1 AND 5 OR survey = 'effort' AND score BETWEEN 1 AND 7 GROUP BY survey, month, user_id
)
SELECT 'nps' AS metric, 'nps' AS measure, month AS period_start,
    100 * (count(*) FILTER (score >= 9) - count(*) FILTER (score < 7)) / count(*) AS value
FROM latest WHERE survey = 'nps' GROUP BY month
UNION ALL
SELECT 'csat', unnest(['csat', 'mean']), month, unnest([count(*) FILTER (score >= 4) / count(*), avg(score)])
FROM latest WHERE survey = 'csat' GROUP BY month
UNION ALL
SELECT 'effort_score', 'effort', month, avg(score) FROM latest WHERE survey = 'effort' GROUP BY month;

CREATE TEMP TABLE audience AS
SELECT date_trunc('month', date::DATE)::DATE AS month, date::DATE AS day, account, followers::BIGINT AS followers,
    reach::BIGINT AS reach, mentions::BIGINT AS mentions
FROM read_csv(getvariable('audience'), all_varchar = true);

INSERT INTO result BY NAME
WITH closing AS (
    SELECT months.month, sum(last) AS followers
    FROM months, (SELECT DISTINCT account FROM audience) AS accounts, LATERAL (
        SELECT arg_max(followers, day) AS last FROM audience WHERE audience.account = accounts.account AND day < ends
    )
    GROUP BY ALL
), reactions AS (
    SELECT month, sum(n) AS n FROM monthly WHERE name::VARCHAR IN ('like', 'comment', 'share', 'content_shared')
    GROUP BY month
), sums AS (
    SELECT month, sum(reach) AS reach, sum(mentions) AS mentions FROM audience GROUP BY month
), wide AS (
    SELECT month, reach, mentions, followers, lag(followers) OVER (ORDER BY month) AS earlier, n
    FROM closing LEFT JOIN sums USING (month) LEFT JOIN reactions USING (month)
)
SELECT unnest(['reach', 'brand_mentions', 'followers', 'follower_growth', 'social_engagement_rate']) AS metric,
    month AS period_start,
    unnest([reach, mentions, followers, (followers - earlier) / earlier, n / followers]) AS value
FROM wide;
