-- Surveys: each customer's latest valid answer of the month.

INSERT INTO result (metric, measure, period_start, value)
WITH latest AS (
    SELECT survey, toStartOfMonth(answered_at) AS month, argMax(score, (answered_at, score)) AS score
    FROM file('{surveys}', CSVWithNames, 'user_id String, survey String, answered_at DateTime, score Nullable(Float64)')
    WHERE survey = 'nps' AND score BETWEEN 0 AND 10 AND score = floor(score) OR survey = 'csat'
        AND score BETWEEN 1 AND 5 OR survey = 'effort' AND score BETWEEN 1 AND 7
    GROUP BY survey, month, user_id
)
SELECT 'nps', 'nps', month, 100 * (toInt64(countIf(score >= 9)) - toInt64(countIf(score < 7))) / count() FROM latest
WHERE survey = 'nps' GROUP BY month
UNION ALL SELECT 'csat', 'csat', month, countIf(score >= 4) / count() FROM latest WHERE survey = 'csat' GROUP BY month
UNION ALL SELECT 'csat', 'mean', month, avg(score) FROM latest WHERE survey = 'csat' GROUP BY month
UNION ALL SELECT 'effort_score', 'effort', month, avg(score) FROM latest WHERE survey = 'effort' GROUP BY month;
