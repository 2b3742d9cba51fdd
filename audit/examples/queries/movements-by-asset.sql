-- What moved, by asset and kind, in minor units. Issued less redeemed is what all accounts have together.
SELECT asset, kind, count(*) AS movements, sum(amount) AS minor_units
FROM events
WHERE asset IS NOT NULL
GROUP BY asset, kind
ORDER BY asset, kind;
