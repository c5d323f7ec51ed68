-- Of an order that rests: since when the venue says that it does not know it, and whether it is to be cancelled by whoever
-- looks at it, because an exit went past it or it was lost sight of.

ALTER TABLE orders ADD COLUMN denied_ms INTEGER;
ALTER TABLE orders ADD COLUMN recalled INTEGER NOT NULL DEFAULT 0;
