-- How many loans went from where to where between the ends of two months; month ends are days since 1970.
SELECT month_end, was, standing, count(*) AS loans
FROM loan_months
GROUP BY month_end, was, standing
ORDER BY month_end, was, standing;
