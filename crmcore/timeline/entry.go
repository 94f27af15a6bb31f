package timeline

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Entry is an activity with what only the database knows of it.
type Entry struct {
	Activity
	Channel string // with dedupe: at most one entry
	Dedupe  string // "": any number
	Phase   Phase
	Waiting bool   // an unanswered mail or an open task
	Message string // Message-ID of a mail
}

// Insert writes an entry and its links; false when one with the same dedupe key is there already.
func (e *Entry) Insert(ctx context.Context, tx *store.Tx) (bool, error) {
	q, err := e.Inserting()
	if err != nil {
		return false, err
	}
	n, err := query.Exec(ctx, tx, q.String(), q.Args...)
	if err != nil || n == 0 {
		return false, err
	}
	return true, Link(ctx, tx, e.ID, e.At, e.Entities)
}

// Inserting is the statement that writes an entry, without its links, unless one with the same dedupe key is there.
func (e *Entry) Inserting() (*query.Builder, error) {
	var dedupe any
	if e.Dedupe != "" {
		dedupe = e.Dedupe
	}
	var due int64
	if e.Due != nil {
		due = store.Micros(*e.Due)
	}
	made := ""
	if e.Made != nil {
		text, err := json.Marshal(e.Made)
		if err != nil {
			return nil, err
		}
		made, e.Title = string(text), e.Made.title()
	}
	return query.New(`INSERT INTO activity (id, kind, channel, dedupe, phase, incoming, at, seconds, outcome, title, body, address,
		line, user_id, due_at, verified, waiting, several, newcomer, source, message_id, made) VALUES `).Values(
		e.ID, e.Kind, e.Channel, dedupe, e.Phase, e.Incoming, store.Micros(e.At), e.Seconds, e.Outcome, e.Title, e.Body,
		e.Address, e.Line, e.User, due, e.Verified, e.Waiting, e.Several, e.Newcomer, e.Source, e.Message, made).
		Add(" ON CONFLICT DO NOTHING"), nil
}

// Link puts an activity on timelines.
func Link(ctx context.Context, tx *store.Tx, activity string, at time.Time, refs []record.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	return tx.Later(ctx, Linking(activity, at, refs))
}

// Linking is the statement of Link; where there is no such activity it links nothing.
func Linking(activity string, at time.Time, refs []record.Ref) store.Statement {
	q := query.New("INSERT INTO activity_entity (entity_kind, entity_id, at, activity, waiting)")
	for i, ref := range refs {
		if i > 0 {
			q.Add(" UNION ALL")
		}
		q.Add(" SELECT CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), id, waiting FROM activity WHERE id = ?",
			ref.Kind, ref.ID, store.Micros(at), activity)
	}
	return store.Statement{Query: q.String() + " ON CONFLICT DO NOTHING", Args: q.Args}
}

// LogChange writes that a field of a record changed.
func LogChange(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, made Made) error {
	refs, err := related(ctx, tx, ref)
	if err != nil {
		return err
	}
	made.By = Whence(ctx)
	e := Entry{Activity: Activity{ID: store.NewID(), Kind: "change", At: store.Now(), User: actor.ID, Entities: refs,
		Made: &made}}
	_, err = e.Insert(ctx, tx)
	return err
}

// LogRule writes on a record's timeline what a rule did.
func LogRule(ctx context.Context, tx *store.Tx, ref record.Ref, rule string, did []RuleDeed) error {
	e := Entry{Activity: Activity{ID: store.NewID(), Kind: "automation", At: store.Now(), Entities: []record.Ref{ref},
		Made: &Made{What: "rule", By: ByRule, Name: rule, Did: did}}}
	_, err := e.Insert(ctx, tx)
	return err
}
