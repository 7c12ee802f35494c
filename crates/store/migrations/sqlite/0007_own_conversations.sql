-- Whose conversations a member sees (all, own), as the invitation said it, and whether agents who see
-- their own also see those that nobody has.
ALTER TABLE members ADD COLUMN conversations TEXT NOT NULL DEFAULT 'all';
ALTER TABLE invitations ADD COLUMN conversations TEXT NOT NULL DEFAULT 'all';
ALTER TABLE tenants ADD COLUMN agents_see_unassigned INTEGER NOT NULL DEFAULT 1;

-- How many numbers Meta allows, as it last told: in the WABA, and in the whole portfolio. NULL until it did.
ALTER TABLE wabas ADD COLUMN numbers_limit INTEGER;
ALTER TABLE wabas ADD COLUMN portfolio_numbers_limit INTEGER;
