-- How many contacts each agency made, by the hour of the debtor's day at which it made them; a letter has none.
SELECT agency, result_hour, count(*) AS contacts
FROM contacts
WHERE result IS NOT NULL AND channel <> 'letter'
GROUP BY agency, result_hour
ORDER BY agency, result_hour;
