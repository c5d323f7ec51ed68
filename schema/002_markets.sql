-- Figures of futures and of spot are apart, as those of live and of test trading are.

DROP VIEW win_rates;
CREATE VIEW win_rates AS
SELECT date(closed_ms / 1000, 'unixepoch') AS day,
       venue, market, symbol, test,
       count(*) AS trades,
       sum(realized_pnl NOT LIKE '-%' AND realized_pnl <> '0') AS wins,
       round(100.0 * sum(realized_pnl NOT LIKE '-%' AND realized_pnl <> '0') / count(*), 2) AS win_rate_percent
FROM trades
WHERE closed_ms IS NOT NULL
GROUP BY day, venue, market, symbol, test;
