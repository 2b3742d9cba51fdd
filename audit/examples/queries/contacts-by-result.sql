-- What came of permitted contacts; without a result are those that are open, and those that were taken back.
SELECT channel, coalesce(result, 'none') AS result, count(*) AS contacts, count(revoked_ms) AS taken_back
FROM contacts
GROUP BY channel, coalesce(result, 'none')
ORDER BY channel, coalesce(result, 'none');
