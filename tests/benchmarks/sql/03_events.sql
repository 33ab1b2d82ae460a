-- How often each customer did what in a month, and in its last 28 days: counts, customers and ratios of events-----------------------------

CREATE TEMP TABLE done AS
SELECT customer, month, name, count(*) AS n, count(*) FILTER (instant >= last_28_days) AS n_28
FROM event JOIN (SELECT month, ends - 28 AS last_28_days FROM months) USING (month) GROUP BY ALL;

CREATE TEMP TABLE monthly AS
SELECT month, name, sum(n) AS n, sum(n) FILTER (customer IS NOT NULL) AS known, count(customer) AS customers
FROM done GROUP BY ALL;

-- Several names that count together for one customer.
CREATE TEMP TABLE together AS
SELECT month, count(*) FILTER (contributes) AS contributors, count(*) FILTER (shares) AS sharers,
    count(*) FILTER (visits OR buys) AS visitors_or_buyers
FROM (
    SELECT month,
        bool_or(name IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload', 'video_upload', 'blog_post'))
            AS contributes,
        bool_or(name IN ('share', 'content_shared')) AS shares,
        bool_or(name = 'page_view') AS visits, bool_or(name = 'purchase') AS buys
    FROM done
    WHERE customer IS NOT NULL AND name IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload',
        'video_upload', 'blog_post', 'share', 'content_shared', 'page_view', 'purchase')
    GROUP BY month, customer
)
GROUP BY month;

INSERT INTO result BY NAME
SELECT metric, month AS period_start, sum(n) AS value
FROM monthly JOIN (VALUES
    ('newsletter_subscriptions', 'subscribe_newsletter'), ('feed_subscriptions', 'subscribe_feed'),
    ('comments', 'comment'), ('ratings_given', 'rating'), ('reviews', 'review'), ('votes', 'vote'), ('votes', 'like'),
    ('uploads', 'photo_upload'), ('uploads', 'video_upload'), ('posts', 'post'), ('posts', 'blog_post'),
    ('contest_entries', 'contest_join'), ('content_saved', 'bookmark'), ('content_saved', 'tag'),
    ('brand_searches', 'brand_search'), ('support_feedback', 'support_feedback'), ('tickets_opened', 'ticket_opened'),
    ('tickets_resolved', 'ticket_resolved'), ('shares', 'share'), ('shares', 'content_shared'),
    ('forwards', 'forward'), ('widget_embeds', 'widget_embed'), ('invitations', 'invite_sent'),
    ('friends_added', 'add_friend'), ('communities_created', 'create_community')
) AS counted (metric, text) ON name::VARCHAR = text
GROUP BY ALL
UNION ALL
SELECT metric, month, customers
FROM monthly JOIN (VALUES ('visitors', 'page_view'), ('signups', 'signup'), ('buyers', 'purchase')) AS of (metric, text)
    ON name::VARCHAR = text
UNION ALL
SELECT metric, month, known / customers
FROM monthly JOIN (VALUES ('page_views_per_visitor', 'page_view'), ('app_opens_per_user', 'app_open'),
    ('feed_reads_per_reader', 'feed_read'), ('videos_per_viewer', 'video_view'),
    ('feature_uses_per_user', 'feature_used')) AS of (metric, text) ON name::VARCHAR = text;

INSERT INTO result BY NAME
WITH wide AS (
    SELECT month, sum(n) FILTER (name = 'email_opened') AS opened, sum(n) FILTER (name = 'email_clicked') AS clicked,
        sum(n) FILTER (name = 'email_unsubscribed') AS unsubscribed,
        sum(n) FILTER (name = 'email_delivered') AS delivered, sum(n) FILTER (name = 'ad_clicked') AS ad_clicks,
        sum(n) FILTER (name = 'ad_impression') AS impressions, sum(known) FILTER (active) AS actions,
        sum(n) FILTER (name = 'ticket_opened') AS tickets, sum(n) FILTER (name = 'ticket_resolved') AS resolved,
        sum(known) FILTER (name = 'ticket_opened') AS known_tickets,
        sum(known) FILTER (name IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload', 'video_upload',
            'blog_post')) AS contributions,
        sum(customers) FILTER (name = 'invite_sent') AS inviters, sum(customers) FILTER (name = 'purchase') AS buyers
    FROM monthly JOIN kind USING (name) GROUP BY month
)
SELECT unnest(['email_open_rate', 'email_click_rate', 'email_unsubscribe_rate', 'ad_click_through_rate',
        'actions_per_active_customer', 'contact_rate', 'resolution_ratio', 'participation_rate',
        'contributions_per_contributor', 'sharing_customers', 'inviting_customers', 'visit_to_purchase']) AS metric,
    month AS period_start,
    unnest([coalesce(opened, 0) / delivered, coalesce(clicked, 0) / delivered, coalesce(unsubscribed, 0) / delivered,
        coalesce(ad_clicks, 0) / impressions,
        actions / customers, coalesce(known_tickets, 0) / customers, coalesce(resolved, 0) / tickets,
        coalesce(contributors, 0) / customers,
        contributions / contributors, coalesce(sharers, 0) / customers, coalesce(inviters, 0) / customers,
        coalesce(buyers, 0) / visitors_or_buyers]) AS value
FROM wide JOIN together USING (month) JOIN active_month USING (month);

INSERT INTO result BY NAME
SELECT 'messages_per_sender' AS metric, date_trunc('week', instant)::DATE AS period_start,
    count(customer) / count(DISTINCT customer) AS value
FROM event WHERE name = 'message_sent' GROUP BY ALL;

INSERT INTO result BY NAME
SELECT metric, month AS period_start, value
FROM (
    SELECT month, avg(value) FILTER (name = 'rating') AS average_rating,
        avg(sentiment) FILTER (name IN ('comment', 'post', 'review')) AS sentiment,
        avg(sentiment) FILTER (name = 'support_feedback') AS support_sentiment
    FROM event WHERE name IN ('rating', 'comment', 'post', 'review', 'support_feedback') GROUP BY month
) UNPIVOT (value FOR metric IN (average_rating, sentiment, support_sentiment));

-- Features: who uses any, how many different ones, and the four that matter most -------------------------------------

INSERT INTO result BY NAME
WITH used AS (
    SELECT DISTINCT customer, month, thing FROM event WHERE name = 'feature_used' AND customer IS NOT NULL
), people AS (
    SELECT customer, month, count(thing) AS features,
        count(*) FILTER (thing IN ('dashboard', 'report', 'export', 'integration')) AS key_features
    FROM used GROUP BY ALL
), sums AS (
    SELECT month, count(*) AS users, sum(features) AS features, count(*) FILTER (key_features > 0) AS key_users,
        sum(key_features) AS key_features
    FROM people GROUP BY month
)
SELECT unnest(['features_per_user', 'feature_adoption', 'feature_adoption', 'key_feature_adoption',
        'key_feature_adoption', 'key_feature_adoption']) AS metric,
    unnest(['value', 'adoption', 'customers', 'adoption', 'customers', 'adopted_share']) AS measure,
    month AS period_start,
    unnest([features / users, users / customers, users, key_users / customers, key_users,
        key_features / 4 / customers]) AS value
FROM sums JOIN active_month USING (month);
