-- The customer table as of the report's end: the ladder, value × influence, and the signals ----------------------------

CREATE TEMP TABLE person AS
WITH scored AS (
    SELECT customer, sum(weight * least(now, cap)) AS raw, sum(weight * least(earlier, cap)) AS raw_before,
        coalesce(sum(weight * least(now, cap)) FILTER (name::VARCHAR IN ('tag', 'share', 'content_shared', 'forward',
            'widget_embed', 'invite_sent', 'add_friend', 'create_community')), 0) AS influencing,
        max(CASE WHEN name IN ('add_friend', 'create_community') THEN 4
            WHEN name IN ('post', 'photo_upload', 'video_upload', 'blog_post') THEN 3
            WHEN name IN ('rating', 'vote', 'comment', 'review') THEN 2
            WHEN name IN ('contest_join', 'join_group', 'bookmark', 'tag') THEN 1 ELSE 0 END) FILTER (now > 0) AS rung
    FROM recent JOIN kind USING (name) GROUP BY customer
), silence AS (
    SELECT customer, (epoch_ms(any_value(as_of)::TIMESTAMP) - epoch_ms(max(instant))) / 86400000 AS days_silent
    FROM event, clock WHERE customer IS NOT NULL AND active AND instant < as_of GROUP BY customer
), gaps AS (
    SELECT customer, median(next - day) AS usual_gap FROM customer_day, clock WHERE next < as_of GROUP BY customer
), answered AS (
    SELECT customer, arg_max(score, (instant, score)) FILTER (survey = 'nps') AS nps,
        max(instant) FILTER (survey = 'nps') AS nps_at, arg_max(score, (instant, score)) FILTER (survey = 'csat') AS csat
    FROM answer JOIN customer USING (user_id), clock
    WHERE instant < as_of AND (survey = 'nps' AND score BETWEEN 0 AND 10 AND score = floor(score)
        OR survey = 'csat' AND score BETWEEN 1 AND 5)
    GROUP BY customer
), opened AS (
    SELECT customer, thing, min(instant) AS opened FROM event, clock
    WHERE name = 'ticket_opened' AND customer IS NOT NULL AND instant < as_of GROUP BY ALL
), resolved AS (
    SELECT customer, thing, max(instant) AS resolved FROM event, clock
    WHERE name = 'ticket_resolved' AND customer IS NOT NULL AND instant < as_of GROUP BY ALL
), overdue AS (
    SELECT DISTINCT customer FROM opened LEFT JOIN resolved USING (customer, thing), clock
    WHERE (resolved IS NULL OR resolved < opened) AND opened + INTERVAL 72 HOUR < as_of AND thing IS NOT NULL
), contacts AS (
    SELECT customer, count(*) AS tickets FROM event, clock
    WHERE name = 'ticket_opened' AND instant >= as_of - 90 AND instant < as_of GROUP BY customer
), features AS (
    SELECT customer, count(DISTINCT thing) FILTER (is_key) / 4 AS key_share,
        count(*) FILTER (is_key AND instant >= as_of - 7) AS key_uses
    FROM (
        SELECT *, thing IN ('dashboard', 'report', 'export', 'integration') AS is_key FROM event, clock
        WHERE name = 'feature_used' AND customer IS NOT NULL AND instant < as_of
    )
    GROUP BY customer
), subscribed AS (
    SELECT customer, bool_or(begins <= as_of AND as_of < ended) AS paying,
        bool_or(started <= as_of AND as_of < ended) AS running,
        sum(mrr * (epoch_ms(least(ended, as_of)) - epoch_ms(begins)) / 86400000 / (365.2425::DOUBLE / 12))
            FILTER (begins < ended AND begins < as_of) AS recurring
    FROM (
        SELECT customer, started, greatest(started, coalesce(trial_ends, started)) AS begins, ended,
            coalesce(mrr, 0) AS mrr FROM subscription JOIN customer USING (user_id)
    ), clock
    GROUP BY customer
), spent AS (
    SELECT customer, sum(CASE WHEN name = 'purchase' THEN value ELSE -abs(value) END) AS revenue FROM event, clock
    WHERE name IN ('purchase', 'refund') AND instant < as_of GROUP BY customer
), referrer AS (
    SELECT customer, count(*) AS referrals
    FROM (SELECT user_id, min(referred_by) AS referred_by FROM profile GROUP BY user_id) AS referred
    JOIN customer ON customer.user_id = referred.referred_by GROUP BY customer
)
SELECT customer, coalesce(raw, 0) AS raw, CASE WHEN since < as_of - 28 THEN coalesce(raw_before, 0) END AS previous,
    coalesce(rung, 0) AS rung, days_silent, usual_gap, nps,
    (epoch_ms(as_of::TIMESTAMP) - epoch_ms(nps_at)) / 86400000 AS nps_days, csat, overdue.customer IS NOT NULL AS overdue,
    coalesce(tickets, 0) AS tickets, key_share, coalesce(key_uses, 0) AS key_uses, coalesce(paying, false) AS paying,
    coalesce(running, false) AS running, round(coalesce(revenue, 0) + coalesce(recurring, 0), 6) AS worth,
    coalesce(influencing, 0) + 3 * coalesce(referrals, 0) AS influencing
FROM known LEFT JOIN scored USING (customer) LEFT JOIN silence USING (customer) LEFT JOIN gaps USING (customer)
LEFT JOIN answered USING (customer) LEFT JOIN contacts USING (customer) LEFT JOIN features USING (customer)
LEFT JOIN subscribed USING (customer) LEFT JOIN spent USING (customer) LEFT JOIN referrer USING (customer)
LEFT JOIN overdue USING (customer), clock
WHERE since < as_of;

-- The percentile of equals is the middle of their ranks; of influence among those who have any.
CREATE TEMP TABLE marked AS
WITH ranked AS (
    SELECT *, count(*) OVER () AS n,
        50 * (2 * rank() OVER (ORDER BY raw) - 2 + count(*) OVER (PARTITION BY raw)) / n AS score,
        50 * (2 * rank() OVER (ORDER BY tickets) - 2 + count(*) OVER (PARTITION BY tickets)) / n AS contact,
        50 * (2 * rank() OVER (ORDER BY worth) - 2 + count(*) OVER (PARTITION BY worth)) / n AS wealth
    FROM person
), influential AS (
    SELECT customer, 50 * (2 * rank() OVER (ORDER BY influencing) - 2 + count(*) OVER (PARTITION BY influencing))
        / count(*) OVER () AS counted
    FROM person WHERE influencing <> 0
), indexed AS (
    SELECT ranked.*, list_avg([counted, nps * 10, (csat - 1) * 25]) AS influence,
        (previous > 0 AND (raw - previous) / previous <= -0.3) IS true OR (days_silent >= 7
            AND days_silent > 2 * usual_gap) IS true OR (nps <= 6 AND nps_days <= 90) IS true OR overdue AS at_risk
    FROM ranked LEFT JOIN influential USING (customer)
)
SELECT *, running AND NOT paying AND score >= 75 AND key_uses >= 1 AS trial_ready,
    paying AND score >= 90 AND raw > previous AND NOT at_risk AS upsell_ready,
    key_share < 0.333 IS true OR contact >= 95 AS needs_training,
    influence >= 80 AND (nps IS NULL OR nps > 6) AS fan, influence >= 80 AND nps <= 6 AS influential_detractor,
    CASE WHEN wealth >= 50 AND worth > 0 THEN 'high' ELSE 'low' END || ' value, '
        || CASE WHEN influence >= 50 THEN 'high' ELSE 'low' END || ' influence' AS quadrant,
    CASE WHEN nps >= 9 THEN 'advocate' WHEN nps < 7 THEN 'detractor' ELSE 'neither' END AS advocacy
FROM indexed;

INSERT INTO result BY NAME
WITH signals AS (
    SELECT count(*) AS n, unnest(['at_risk', 'trial_ready', 'upsell_ready', 'needs_training', 'fan',
        'influential_detractor']) AS metric, unnest([count(*) FILTER (at_risk), count(*) FILTER (trial_ready),
        count(*) FILTER (upsell_ready), count(*) FILTER (needs_training), count(*) FILTER (fan),
        count(*) FILTER (influential_detractor)]) AS customers FROM marked
), divided AS (
    SELECT metric, 'yes' AS step, '' AS segments, customers, n FROM signals
    UNION ALL
    SELECT 'ladder', ['none', 'low', 'medium', 'high', 'very_high'][rung + 1], '', count(*), any_value(n)
    FROM marked GROUP BY rung
    UNION ALL
    SELECT 'value_influence_matrix', quadrant, CASE WHEN grouping(advocacy) = 0 THEN 'advocacy=' || advocacy ELSE ''
        END AS segment, count(*), sum(count(*)) OVER (PARTITION BY segment)
    FROM marked GROUP BY GROUPING SETS ((quadrant), (quadrant, advocacy))
)
SELECT metric, step, segments, unnest(['share', 'customers']) AS measure, unnest([customers / n, customers]) AS value
FROM divided;
