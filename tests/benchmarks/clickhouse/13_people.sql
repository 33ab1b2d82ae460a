-- The customer table as of the report's end: the ladder, value × influence, and the signals. What a customer does not
-- have is zero after a join, or NULL where that is another thing. Points are counted in tenths, in which they are whole.

CREATE TABLE person ENGINE = Memory AS
WITH assumeNotNull((SELECT as_of FROM clock)) AS as_of, assumeNotNull((SELECT as_of_ms FROM clock)) AS as_of_ms,
scored AS (
    SELECT customer, sum(weight * least(now, cap)) AS raw, sum(weight * least(earlier, cap)) AS raw_before,
        sumIf(weight * least(now, cap), name IN ('tag', 'share', 'content_shared', 'forward', 'widget_embed',
            'invite_sent', 'add_friend', 'create_community')) AS influencing,
        maxIf(multiIf(name IN ('add_friend', 'create_community'), 4,
            name IN ('post', 'photo_upload', 'video_upload', 'blog_post'), 3,
            name IN ('rating', 'vote', 'comment', 'review'), 2,
            name IN ('contest_join', 'join_group', 'bookmark', 'tag'), 1, 0), now > 0) AS rung
    FROM recent JOIN weight USING (name) GROUP BY customer
), gaps AS (
    SELECT customer, toNullable(quantileExactInclusive(0.5)(next - day)) AS usual_gap FROM customer_day
    WHERE next > day AND next < as_of GROUP BY customer
), answered AS (
    SELECT customer, argMaxIf(score, (instant, score), survey = 'nps') AS nps, maxIf(instant, survey = 'nps') AS nps_at,
        argMaxIf(score, (instant, score), survey = 'csat') AS csat
    FROM answer WHERE valid AND instant < as_of GROUP BY customer
), contacts AS (
    SELECT customer, sum(recent) AS tickets, max(late) AS overdue
    FROM (
        SELECT customer, countIf(name = 'ticket_opened' AND day >= as_of - 90) AS recent,
            minIf(ms, name = 'ticket_opened') AS opened, maxIf(ms, name = 'ticket_resolved') AS resolved,
            thing IS NOT NULL AND opened > resolved AND opened + 72 * 3600000 < as_of_ms AS late
        FROM detail WHERE name IN ('ticket_opened', 'ticket_resolved') AND customer != 0 AND day < as_of
        GROUP BY customer, thing
    )
    GROUP BY customer
), features AS (
    SELECT customer, toNullable(uniqExactIf(thing, key) / 4) AS key_share, countIf(key AND day >= as_of - 7) AS key_uses
    FROM (
        SELECT customer, day, thing, thing IN ('dashboard', 'report', 'export', 'integration') AS key FROM detail
        WHERE name = 'feature_used' AND customer != 0 AND day < as_of
    )
    GROUP BY customer
), subscribed AS (
    SELECT customer, max(begins <= as_of AND as_of < ended) AS paying,
        max(started <= as_of AND as_of < ended) AS running,
        sumIf(mrr * dateDiff('second', begins, least(ended, toDateTime(as_of))) / 86400 / (365.2425 / 12),
            begins < ended AND begins < as_of) AS recurring
    FROM subscription GROUP BY customer
), spent AS (
    SELECT customer, sum(if(name = 'purchase', value, -abs(value))) AS revenue FROM detail
    WHERE name IN ('purchase', 'refund') AND customer != 0 AND day < as_of GROUP BY customer
), referred AS (
    SELECT referrer AS customer, count() AS referrals
    FROM (SELECT customer, min(referrer) AS referrer FROM profile WHERE referrer != 0 GROUP BY customer)
    GROUP BY referrer
)
SELECT customer, raw, if(since < as_of - 28, raw_before, NULL) AS previous, rung,
    if(last_active > 0, (as_of_ms - last_active) / 86400000, NULL) AS days_silent, usual_gap, nps,
    dateDiff('second', nps_at, toDateTime(as_of)) / 86400 AS nps_days, csat, overdue, tickets, key_share, key_uses,
    paying, running, round(ifNull(revenue, 0) + recurring, 6) AS worth, influencing + 30 * referrals AS influencing
FROM known LEFT JOIN scored USING (customer) LEFT JOIN gaps USING (customer) LEFT JOIN answered USING (customer)
LEFT JOIN contacts USING (customer) LEFT JOIN features USING (customer) LEFT JOIN subscribed USING (customer)
LEFT JOIN spent USING (customer) LEFT JOIN referred USING (customer)
WHERE since < as_of;

-- The percentile of equals is the middle of their ranks; of influence among those who have any. Measures: 1 engagement,
-- 2 tickets, 3 worth, 4 influence.
CREATE TABLE level ENGINE = Memory AS
SELECT measure, value,
    50 * (2 * sum(n) OVER (PARTITION BY measure ORDER BY value) - n) / sum(n) OVER (PARTITION BY measure) AS score
FROM (
    SELECT pair.1 AS measure, pair.2 AS value, toInt64(count()) AS n
    FROM person
    ARRAY JOIN [(1, toFloat64(raw)), (2, toFloat64(tickets)), (3, worth), (4, toFloat64(influencing))] AS pair
    WHERE measure < 4 OR value != 0 GROUP BY measure, value
);

-- Percentiles are only compared with bounds: so are the values where these are reached.
CREATE TABLE marked ENGINE = Memory AS
WITH bars AS (
    SELECT minOrNullIf(value, measure = 1 AND score >= 75) AS engaged,
        minOrNullIf(value, measure = 1 AND score >= 90) AS most_engaged,
        minOrNullIf(value, measure = 2 AND score >= 95) AS most_tickets,
        minOrNullIf(value, measure = 3 AND score >= 50) AS wealthy
    FROM level
), influential AS (
    SELECT toInt64(value) AS influencing, toNullable(score) AS counted FROM level WHERE measure = 4
)
SELECT rung,
    (ifNull(counted, 0) + ifNull(nps * 10, 0) + ifNull((csat - 1) * 25, 0))
        / (isNotNull(counted) + isNotNull(nps) + isNotNull(csat)) AS influence,
    ifNull((previous > 0 AND (raw - previous) / previous <= -0.3) OR (days_silent >= 7 AND days_silent > 2 * usual_gap)
        OR (nps <= 6 AND nps_days <= 90) OR overdue, 0) AS at_risk,
    running AND NOT paying AND raw >= engaged AND key_uses >= 1 AS trial_ready,
    paying AND raw >= most_engaged AND raw > previous AND NOT at_risk AS upsell_ready,
    key_share < 0.333 OR tickets >= most_tickets AS needs_training,
    influence >= 80 AND (nps IS NULL OR nps > 6) AS fan, influence >= 80 AND nps <= 6 AS influential_detractor,
    if(worth >= wealthy AND worth > 0, 'high', 'low') || ' value, '
        || if(influence >= 50, 'high', 'low') || ' influence' AS quadrant,
    multiIf(nps >= 9, 'advocate', nps < 7, 'detractor', 'neither') AS advocacy
FROM person LEFT JOIN influential USING (influencing), bars;

INSERT INTO result (metric, measure, step, segments, value)
WITH signals AS (
    SELECT count() AS n, [('at_risk', countIf(at_risk)), ('trial_ready', countIf(trial_ready)),
        ('upsell_ready', countIf(upsell_ready)), ('needs_training', countIf(needs_training)), ('fan', countIf(fan)),
        ('influential_detractor', countIf(influential_detractor))] AS counted
    FROM marked
), divided AS (
    SELECT row.1 AS metric, 'yes' AS step, '' AS segments, row.2 AS customers, n FROM signals ARRAY JOIN counted AS row
    UNION ALL
    SELECT 'ladder', ['none', 'low', 'medium', 'high', 'very_high'][rung + 1], '', count(), sum(count()) OVER ()
    FROM marked GROUP BY rung
    UNION ALL
    SELECT 'value_influence_matrix', quadrant, segment, sum(n), sum(sum(n)) OVER (PARTITION BY segment)
    FROM (SELECT quadrant, advocacy, count() AS n FROM marked GROUP BY quadrant, advocacy)
    ARRAY JOIN ['', 'advocacy=' || advocacy] AS segment GROUP BY quadrant, segment
)
SELECT metric, row.1, step, segments, row.2
FROM divided ARRAY JOIN [('share', customers / n), ('customers', toFloat64(customers))] AS row;
