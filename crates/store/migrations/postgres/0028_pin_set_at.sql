-- When the PIN that is kept was kept (µs): a change that Meta tells of later was made by somebody else.
ALTER TABLE phone_numbers ADD COLUMN pin_set_at BIGINT;
