-- How transactions ended, by what they asked for.
SELECT operation, outcome_name, count(*) AS transactions
FROM transactions
GROUP BY operation, outcome_name
ORDER BY operation, outcome_name;
