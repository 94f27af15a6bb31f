package ledger

import (
	"context"
	"encoding/json"
	"strconv"

	"frontdesk/pbx/cause"
	"frontdesk/store"
	"frontdesk/store/query"
)

// batch is the statements of a transaction that writes what became of calls.
type batch struct {
	book *core
	tx   *store.Tx
	rows map[string]row // of the calls, as they stand once the statements before have run

	statements []store.Statement
	told       []store.Event
	handed     []func() // runs the jobs once they are committed
}

// row is what has to be known of a call's record.
type row struct{ answered, ended bool }

// state is what SQL has of an entry.
type state struct {
	begun  bool            // its record
	noted  int             // so many steps to their end
	people map[string]bool // who took part or was rung, by keyOf
	untold []store.Event   // that could not be told yet
}

// maxUntold bounds what waits to be told while the database is away; the oldest give way.
const maxUntold = 1000

// tells adds events to those that wait.
func (s *state) tells(events []store.Event) {
	if len(events) > 0 {
		s.untold = append(s.untold[max(0, len(s.untold)+len(events)-maxUntold):len(s.untold):len(s.untold)], events...)
	}
}

func (c *core) newBatch(tx *store.Tx) *batch {
	return &batch{book: c, tx: tx, rows: map[string]row{}}
}

// run runs the statements so far, with what they tell.
func (b *batch) run(ctx context.Context) error {
	if err := b.tx.Later(ctx, b.statements...); err != nil {
		return err
	}
	err := b.tx.Tell(ctx, b.told...)
	b.statements, b.told = nil, nil
	return err
}

// committed passes on what the transaction left to be done.
func (b *batch) committed() {
	for _, run := range b.handed {
		run()
	}
}

// read runs the statements so far, then reads the rows of calls, and holds them to the end of the transaction: in one
// order, as all do who hold several. A call without one counts as ended.
func (b *batch) read(ctx context.Context, calls []string) error {
	if err := b.run(ctx); err != nil || len(calls) == 0 {
		return err
	}
	q := query.New("SELECT id, answered_at <> 0, ended_at <> 0 FROM call_record WHERE id").In(calls)
	q.Add(" ORDER BY id" + b.tx.Dialect().ForUpdate())
	return b.tx.ReadAll(ctx, store.Read{Query: q.String(), Args: q.Args, Line: func(line store.Row) error {
		var id string
		var r row
		err := line.Scan(&id, &r.answered, &r.ended)
		b.rows[id] = r
		return err
	}})
}

func (b *batch) add(text string, args ...any) {
	b.statements = append(b.statements, store.Statement{Query: text, Args: args})
}

// insert adds a record. Of a phone call it does not say when it was answered: that is told with it, see answers.
func (b *batch) insert(r *Record) {
	var answered int64
	if r.Direction == "meeting" {
		answered = store.Micros(r.Answered)
	}
	b.add(`INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, line,
		trunk, meeting, started_at, answered_at, ended_at, seen_at, outcome, cause, verified)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $11, '', '', $13) ON CONFLICT DO NOTHING`,
		r.ID, b.book.config.Node, b.book.config.Epoch, r.Direction, r.From, r.FromName, r.To, r.Line, r.Trunk,
		r.Meeting, store.Micros(r.Started), answered, r.Verified)
}

// answer writes who takes part and since when. The end writes the same again, so a failure here loses nothing unless
// the process dies.
func (b *batch) answer(r *Record, s *state) error {
	if now, there := b.rows[r.ID]; !there || now.ended {
		return nil
	}
	b.add(`UPDATE call_record SET answered_at = $2, from_name = $3, line = $4, trunk = $5, direction = $6, to_number = $7
		WHERE id = $1 AND ended_at = 0`, r.ID, store.Micros(r.Answered), r.FromName, r.Line, r.Trunk, r.Direction, r.To)
	b.answered(r)
	b.people(r, s)
	return b.steps(r, s)
}

// answered tells that a phone call was answered, unless its row says so already.
func (b *batch) answered(r *Record) {
	now := b.rows[r.ID]
	if r.Answered.IsZero() || r.Meeting != "" || now.answered {
		return
	}
	now.answered = true
	b.rows[r.ID] = now
	b.told = append(b.told, r.event(CallAnswered, "answered"))
}

// people adds those who took part, were rung or came from outside, and are not written yet.
func (b *batch) people(r *Record, s *state) {
	users := query.New(`INSERT INTO call_user (call, user_id, role, position) VALUES `)
	guests := query.New(`INSERT INTO call_guest (call, position, number, name) VALUES `)
	for i, user := range r.Users {
		if s.isNew("took", user) {
			users.Values(r.ID, user, "took", i)
		}
	}
	for i, user := range r.Rang {
		if s.isNew("rang", user) {
			users.Values(r.ID, user, "rang", i)
		}
	}
	for i, g := range r.Guests {
		if s.isNew("guest", strconv.Itoa(i)) {
			guests.Values(r.ID, i, g.Number, g.Name)
		}
	}
	for _, q := range []*query.Builder{users, guests} {
		if len(q.Args) > 0 {
			b.add(q.String()+` ON CONFLICT DO NOTHING`, q.Args...)
		}
	}
}

// isNew notes somebody as written, once.
func (s *state) isNew(role, who string) bool {
	if s.people == nil {
		s.people = map[string]bool{}
	}
	key := role + " " + who
	known := s.people[key]
	s.people[key] = true
	return !known
}

// steps adds those that have begun or ended since.
func (b *batch) steps(r *Record, s *state) error {
	for i, step := range r.Steps[s.noted:] {
		users, err := json.Marshal(step.Users)
		if err != nil {
			return err
		}
		b.add(`INSERT INTO call_step (call, position, kind, users, trunk, number, item, begun_at, ended_at, outcome, answered_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (call, position) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, answered_by = excluded.answered_by`,
			r.ID, s.noted+i, step.Kind, string(users), step.Trunk, step.Number, step.Item, store.Micros(step.Begun),
			store.Micros(step.Ended), step.Outcome, step.AnsweredBy)
	}
	s.noted = r.endedSteps()
	return nil
}

// conclude ends a record and passes it on to the intake, once. One that another node has ended stays as it is; a line
// that this one took since is given back all the same, a step that began since has an end.
func (b *batch) conclude(r *Record, s *state) error {
	now, there := b.rows[r.ID]
	if !there || now.ended {
		if there {
			if err := b.steps(r, s); err != nil {
				return err
			}
		}
		b.cutSteps(r)
		b.release(r)
		return nil
	}
	b.answered(r)
	b.add(`UPDATE call_record SET answered_at = $2, ended_at = $3, seen_at = $3, outcome = $4, cause = $5, from_name = $6, line = $7, trunk = $8,
			direction = $9, to_number = $10 WHERE id = $1 AND ended_at = 0`,
		r.ID, store.Micros(r.Answered), store.Micros(r.Ended), r.Outcome, string(r.Cause), r.FromName, r.Line, r.Trunk,
		r.Direction, r.To)
	b.people(r, s)
	r.endSteps()
	if err := b.steps(r, s); err != nil {
		return err
	}
	b.release(r)
	b.rows[r.ID] = row{now.answered, true}
	return b.pass(r, s.begun)
}

// intakeJob is the kind of the job that follows each ended call: {"call": id}.
const intakeJob = "intake.call"

// pass leaves the job for the intake, and tells of the end. A record that is whole need not be read for the job.
func (b *batch) pass(r *Record, whole bool) error {
	o := store.JobOptions{Dedupe: r.ID}
	if whole && r.Direction != "meeting" {
		o.Known = r.asRead()
	}
	job, run, err := b.book.config.Jobs.Hand(intakeJob, map[string]string{"call": r.ID}, o)
	if err != nil {
		return err
	}
	b.statements, b.handed = append(b.statements, job), append(b.handed, run)
	if e, tells := r.endEvent(); tells {
		b.told = append(b.told, e)
	}
	return nil
}

// cutSteps ends the steps that a dead process left open.
func (b *batch) cutSteps(r *Record) {
	b.add(`UPDATE call_step SET ended_at = $2, outcome = $3 WHERE call = $1 AND ended_at = 0`, r.ID,
		store.Micros(r.Ended), string(cause.CutOff))
}

// release gives back what an ended call has left of channels.
func (b *batch) release(r *Record) { b.add(`DELETE FROM line_use WHERE call = $1`, r.ID) }
