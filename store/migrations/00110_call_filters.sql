-- +goose Up
-- What the history of calls is filtered by, each with its order.
CREATE INDEX call_record_line ON call_record (line, id);
CREATE INDEX call_record_missed ON call_record (id) WHERE direction <> 'out' AND outcome IN ('missed', 'busy', 'declined');

-- +goose Down
DROP INDEX call_record_missed;
DROP INDEX call_record_line;
