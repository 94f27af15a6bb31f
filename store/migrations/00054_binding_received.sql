-- +goose Up
-- Each call of a trunk asks whether its address is that of a phone.
CREATE INDEX binding_received ON binding (received);

-- +goose Down
DROP INDEX binding_received;
