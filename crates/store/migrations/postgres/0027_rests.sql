-- Messages that wait while the quiet hours of their business last though they are no mailing: rules of notifications wish it.
ALTER TABLE outbox ADD COLUMN rests BOOLEAN NOT NULL DEFAULT FALSE;
