-- How many contacts were permitted to each agency, by the hour of the debtor's day.
SELECT agency, local_hour, count(*) AS contacts
FROM contacts
GROUP BY agency, local_hour
ORDER BY agency, local_hour;
