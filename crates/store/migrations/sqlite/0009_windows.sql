-- The free entry point: when a person last came through an ad, and when the business first answered that in time.
ALTER TABLE conversations ADD COLUMN referral_at INTEGER;
ALTER TABLE conversations ADD COLUMN free_entry_at INTEGER;
