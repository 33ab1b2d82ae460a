-- How often each customer did what in a month, and in its last 28 days: counts, customers and ratios of events.

CREATE TABLE done ENGINE = Memory AS
SELECT customer, month, name, count() AS n, countIf(day >= month + toIntervalMonth(1) - toIntervalDay(28)) AS n_28
FROM event GROUP BY customer, month, name;

CREATE TABLE monthly ENGINE = Memory AS
SELECT month, toString(name) AS name, sum(n) AS n, sumIf(n, customer != 0) AS known, countIf(customer != 0) AS customers
FROM done GROUP BY month, done.name;

CREATE TABLE together ENGINE = Memory AS
SELECT month, uniqExactIf(customer, name IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload',
        'video_upload', 'blog_post')) AS contributors,
    uniqExactIf(customer, name IN ('share', 'content_shared')) AS sharers,
    uniqExactIf(customer, name IN ('page_view', 'purchase')) AS visitors_or_buyers
FROM done WHERE customer != 0 GROUP BY month;

INSERT INTO result (metric, period_start, value)
SELECT metric, month, sum(n)
FROM monthly JOIN values('metric String, name String', ('newsletter_subscriptions', 'subscribe_newsletter'),
    ('feed_subscriptions', 'subscribe_feed'), ('comments', 'comment'), ('ratings_given', 'rating'),
    ('reviews', 'review'), ('votes', 'vote'), ('votes', 'like'), ('uploads', 'photo_upload'),
    ('uploads', 'video_upload'), ('posts', 'post'), ('posts', 'blog_post'), ('contest_entries', 'contest_join'),
    ('content_saved', 'bookmark'), ('content_saved', 'tag'), ('brand_searches', 'brand_search'),
    ('support_feedback', 'support_feedback'), ('tickets_opened', 'ticket_opened'),
    ('tickets_resolved', 'ticket_resolved'), ('shares', 'share'), ('shares', 'content_shared'),
    ('forwards', 'forward'), ('widget_embeds', 'widget_embed'), ('invitations', 'invite_sent'),
    ('friends_added', 'add_friend'), ('communities_created', 'create_community')) AS counted USING (name)
GROUP BY metric, month
UNION ALL
SELECT metric, month, customers
FROM monthly JOIN values('metric String, name String', ('visitors', 'page_view'), ('signups', 'signup'),
    ('buyers', 'purchase')) AS counted USING (name)
UNION ALL
SELECT metric, month, known / customers
FROM monthly JOIN values('metric String, name String', ('page_views_per_visitor', 'page_view'),
    ('app_opens_per_user', 'app_open'), ('feed_reads_per_reader', 'feed_read'), ('videos_per_viewer', 'video_view'),
    ('feature_uses_per_user', 'feature_used')) AS counted USING (name);

INSERT INTO result (metric, period_start, value)
WITH wide AS (
    SELECT month, sumIf(n, name = 'email_opened') AS opened, sumIf(n, name = 'email_clicked') AS clicked,
        sumIf(n, name = 'email_unsubscribed') AS unsubscribed, sumIf(n, name = 'email_delivered') AS delivered,
        sumIf(n, name = 'ad_clicked') AS ad_clicks, sumIf(n, name = 'ad_impression') AS impressions,
        sumIf(known, weight > 0) AS actions, sumIf(n, name = 'ticket_opened') AS tickets,
        sumIf(n, name = 'ticket_resolved') AS resolved, sumIf(known, name = 'ticket_opened') AS known_tickets,
        sumIf(known, name IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload', 'video_upload',
            'blog_post')) AS contributions,
        sumIf(customers, name = 'invite_sent') AS inviters, sumIf(customers, name = 'purchase') AS buyers
    FROM monthly JOIN kind USING (name) GROUP BY month
)
SELECT row.1, month, row.2
FROM wide JOIN together USING (month) JOIN active_month USING (month) ARRAY JOIN [
    ('email_open_rate', opened / delivered), ('email_click_rate', clicked / delivered),
    ('email_unsubscribe_rate', unsubscribed / delivered), ('ad_click_through_rate', ad_clicks / impressions),
    ('actions_per_active_customer', actions / customers), ('contact_rate', known_tickets / customers),
    ('resolution_ratio', resolved / tickets), ('participation_rate', contributors / customers),
    ('contributions_per_contributor', contributions / contributors), ('sharing_customers', sharers / customers),
    ('inviting_customers', inviters / customers), ('visit_to_purchase', buyers / visitors_or_buyers)] AS row;

INSERT INTO result (metric, period_start, value)
SELECT 'messages_per_sender', toMonday(day) AS week, countIf(customer != 0) / uniqExactIf(customer, customer != 0)
FROM event WHERE name = 'message_sent' GROUP BY week;

INSERT INTO result (metric, period_start, value)
SELECT row.1, month, row.2
FROM (
    SELECT month, avgIf(value, name = 'rating') AS rating,
        avgIf(sentiment, name IN ('comment', 'post', 'review')) AS said,
        avgIf(sentiment, name = 'support_feedback') AS support
    FROM detail WHERE name IN ('rating', 'comment', 'post', 'review', 'support_feedback') GROUP BY month
) ARRAY JOIN [('average_rating', rating), ('sentiment', said), ('support_sentiment', support)] AS row;

-- Features: who uses any, how many different ones, and the four that matter most.
INSERT INTO result (metric, measure, period_start, value)
WITH people AS (
    SELECT customer, month, uniqExact(thing) AS features,
        uniqExactIf(thing, thing IN ('dashboard', 'report', 'export', 'integration')) AS key_features
    FROM detail WHERE name = 'feature_used' AND customer != 0 GROUP BY customer, month
), sums AS (
    SELECT month, toFloat64(count()) AS users, sum(features) AS features, toFloat64(countIf(key_features > 0)) AS key_users,
        sum(key_features) AS keys
    FROM people GROUP BY month
)
SELECT row.1, row.2, month, row.3
FROM sums JOIN active_month USING (month) ARRAY JOIN [
    ('features_per_user', 'value', features / users), ('feature_adoption', 'adoption', users / customers),
    ('feature_adoption', 'customers', users), ('key_feature_adoption', 'adoption', key_users / customers),
    ('key_feature_adoption', 'customers', key_users),
    ('key_feature_adoption', 'adopted_share', keys / 4 / customers)] AS row;
