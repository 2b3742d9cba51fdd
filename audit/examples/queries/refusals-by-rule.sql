-- Which rules refused contacts, and how often each.
SELECT rule, channel, count(*) AS refusals
FROM refusals
GROUP BY rule, channel
ORDER BY rule, channel;
