// Package importing brings in clients from files: each column is told what it is, lines become records as if typed,
// together and by a job that any node goes on with; what a whole import did can be taken back.
package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/importing/sheet"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// State of an import.
type State string

const (
	Draft   State = "draft"
	Running State = "running"
	Done    State = "done"
	Undoing State = "undoing"
	Undone  State = "undone"
)

// Policy is what becomes of a line whose number or mailbox a record of the kind has already.
type Policy string

const (
	Skip   Policy = "skip"
	Update Policy = "update"
	Make   Policy = "make"
)

// Import is a file that somebody brings in.
type Import struct {
	ID      string      `json:"id"`
	User    string      `json:"user" doc:"Whose it is"`
	Kind    record.Kind `json:"kind" enum:"lead,contact,company"`
	Name    string      `json:"name" doc:"Of the file"`
	State   State       `json:"state" enum:"draft,running,done,undoing,undone"`
	Policy  Policy      `json:"policy" enum:"skip,update,make"`
	Columns []string    `json:"columns"`
	Mapping []Target    `json:"mapping" doc:"Empty: left out; field:ID a field of the company's own"`
	Targets []Target    `json:"targets" doc:"What a column may be, besides fields of one's own"`
	Sample  [][]string  `json:"sample" doc:"The first lines"`
	Total   int64       `json:"total"`
	Done    int64       `json:"done" doc:"Lines that are through"`
	Made    int64       `json:"made"`
	Updated int64       `json:"updated"`
	Skipped int64       `json:"skipped"`
	Failed  int64       `json:"failed"`
	Undone  int64       `json:"undone"`
	Kept    int64       `json:"kept" doc:"Not taken back: changed or used since"`
	At      time.Time   `json:"at"`
}

// Start says what an import does.
type Start struct {
	Mapping []Target `json:"mapping" maxItems:"200" maxLength:"200"`
	Policy  Policy   `json:"policy" enum:"skip,update,make"`
}

// Importing keeps and runs imports. It is safe for concurrent use.
type Importing struct {
	db   *store.DB
	core *crmcore.Core
	part int // lines that are done together
}

// New opens it.
func New(db *store.DB, core *crmcore.Core) *Importing { return &Importing{db, core, partLines} }

// MaxFile is the most bytes that a file may have.
const MaxFile = sheet.MaxFile

const (
	partLines = 200
	sampled   = 5
	keptDays  = 30
	maxListed = 50
)

// Add reads a file and keeps its lines. Nothing is made before Run. Errors: Invalid.
func (m *Importing) Add(ctx context.Context, actor people.User, kind record.Kind, file string,
	data []byte) (Import, error) {
	if !slices.Contains([]record.Kind{record.Contact, record.Company, record.Lead}, kind) {
		return Import{}, input.Refuse("kind", "is lead, contact or company")
	}
	s, err := sheet.Read(data)
	if err != nil {
		return Import{}, input.Refuse("file", err.Error())
	}
	fields, err := m.core.Fields(ctx)
	if err != nil {
		return Import{}, err
	}
	id, guess := store.NewID(), Guess(kind, s.Columns, fields)
	columns, _ := json.Marshal(s.Columns) // of texts
	mapping, _ := json.Marshal(guess)
	err = m.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM import WHERE at < $1",
			store.Micros(time.Now().AddDate(0, 0, -keptDays))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO import (id, user_id, kind, name, state, policy, columns, mapping, total, done, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)`, id, actor.ID, kind, short(file), Draft, Skip,
			string(columns), string(mapping), len(s.Lines), store.Micros(time.Now()))
		if err != nil {
			return err
		}
		return m.addParts(ctx, tx, id, s.Lines)
	})
	if err != nil {
		return Import{}, err
	}
	return m.Get(ctx, actor, id)
}

func (m *Importing) addParts(ctx context.Context, tx *store.Tx, id string, lines [][]string) error {
	var todo []store.Statement
	first := 1
	for some := range slices.Chunk(lines, m.part) {
		text, err := json.Marshal(some)
		if err != nil {
			return err
		}
		todo = append(todo, store.Statement{Query: "INSERT INTO import_part (import, first, lines) VALUES ($1, $2, $3)",
			Args: []any{id, first, string(text)}})
		first += len(some)
	}
	return tx.ExecAll(ctx, todo)
}

func short(s string) string {
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(len(r), 200)])
}

const columnsOf = `SELECT id, user_id, kind, name, state, policy, columns, mapping, total, done, at FROM import`

func scan(r store.Row) (i Import, err error) {
	var columns, mapping string
	var at int64
	err = r.Scan(&i.ID, &i.User, &i.Kind, &i.Name, &i.State, &i.Policy, &columns, &mapping, &i.Total, &i.Done, &at)
	if err == nil {
		err = cmp.Or(json.Unmarshal([]byte(columns), &i.Columns), json.Unmarshal([]byte(mapping), &i.Mapping))
	}
	i.At, i.Targets, i.Sample = store.Time(at), Targets(i.Kind), [][]string{}
	return i, err
}

// List are the actor's imports, of administrators all, the latest first.
func (m *Importing) List(ctx context.Context, actor people.User) ([]Import, error) {
	q := query.New(columnsOf + " WHERE state <> 'draft'")
	if actor.Role != people.Admin {
		q.Add(" AND user_id = ?", actor.ID)
	}
	all, err := query.All(ctx, m.db, scan, q.Add(" ORDER BY at DESC, id DESC LIMIT ?", maxListed))
	for i := range all {
		if err == nil {
			err = m.count(ctx, &all[i])
		}
	}
	return all, err
}

// Get reads one: store.ErrNotFound, ErrForbidden.
func (m *Importing) Get(ctx context.Context, actor people.User, id string) (Import, error) {
	i, err := query.One(ctx, m.db, scan, query.New(columnsOf+" WHERE id = ?", id))
	if err == nil && i.User != actor.ID && actor.Role != people.Admin {
		err = people.ErrForbidden
	}
	if err != nil {
		return Import{}, err
	}
	if i.State == Draft {
		lines, err := m.after(ctx, id, 0)
		if err != nil {
			return i, err
		}
		i.Sample = lines.of[:min(len(lines.of), sampled)]
	}
	return i, m.count(ctx, &i)
}

func (m *Importing) count(ctx context.Context, i *Import) error {
	type sum struct {
		outcome string
		n       int64
	}
	sums, err := query.All(ctx, m.db, func(r store.Row) (s sum, err error) { return s, r.Scan(&s.outcome, &s.n) },
		query.New("SELECT outcome, COUNT(*) FROM import_result WHERE import = ? AND kind = ? GROUP BY outcome",
			i.ID, i.Kind))
	for _, s := range sums {
		if to := map[string]*int64{made: &i.Made, updated: &i.Updated, skipped: &i.Skipped, failed: &i.Failed,
			undone: &i.Undone, kept: &i.Kept}[s.outcome]; to != nil {
			*to = s.n
		}
	}
	return err
}

// lines of a file, the first of which has a number.
type lines struct {
	first int64
	of    [][]string
}

// after reads the part after some lines; none when there are no more.
func (m *Importing) after(ctx context.Context, id string, after int64) (l lines, err error) {
	all, err := query.All(ctx, m.db, func(r store.Row) (l lines, err error) {
		var text string
		if err = r.Scan(&l.first, &text); err == nil {
			err = json.Unmarshal([]byte(text), &l.of)
		}
		return l, err
	}, query.New("SELECT first, lines FROM import_part WHERE import = ? AND first > ? ORDER BY first LIMIT 1",
		id, after))
	if len(all) > 0 {
		l = all[0]
	}
	return l, err
}

func (m *Importing) fields(ctx context.Context, kind record.Kind) (map[string]field.Field, error) {
	all, err := m.core.Fields(ctx)
	fields := map[string]field.Field{}
	for _, f := range all {
		if slices.Contains(f.Kinds, kind) {
			fields[f.ID] = f
		}
	}
	return fields, err
}

// users are the active ones, by login, mail address and name.
func (m *Importing) users(ctx context.Context) (map[string]string, error) {
	all, err := m.core.Users(ctx)
	by := map[string]string{}
	for _, u := range all {
		if u.Active {
			for _, called := range []string{u.Login, u.Email, u.Name} {
				if called != "" {
					by[fold.Text(called)] = u.ID
				}
			}
		}
	}
	return by, err
}

// Run begins an import, or tries one again that was taken back. Errors: store.ErrNotFound, ErrForbidden, Invalid.
func (m *Importing) Run(ctx context.Context, actor people.User, id string, s Start) (Import, error) {
	i, err := m.Get(ctx, actor, id)
	if err != nil {
		return i, err
	}
	if err := m.check(ctx, i, s); err != nil {
		return i, err
	}
	mapping, _ := json.Marshal(s.Mapping)
	return m.begin(ctx, actor, i, Draft, Running,
		store.Statement{Query: "UPDATE import SET mapping = $1, policy = $2 WHERE id = $3",
			Args: []any{string(mapping), s.Policy, id}})
}

func (m *Importing) check(ctx context.Context, i Import, s Start) error {
	if len(s.Mapping) != len(i.Columns) {
		return input.Refuse("mapping", fmt.Sprintf("has %d columns", len(i.Columns)))
	}
	fields, err := m.fields(ctx, i.Kind)
	if err != nil {
		return err
	}
	named := false
	for _, t := range s.Mapping {
		id, own := strings.CutPrefix(string(t), ownField)
		if _, there := fields[id]; t != leftOut && !(own && there) && !slices.Contains(i.Targets, t) {
			return input.Refuse("mapping", "has a column that this kind of record has not")
		}
		named = named || slices.Contains([]Target{name, firstName, lastName, title, phone, email}, t)
	}
	if !named {
		return input.Refuse("mapping", "names nobody: say which column is the name")
	}
	return nil
}

// Undo takes an import back: what it made goes to the bin, what it changed becomes as it was, but for what was changed
// or used since.
func (m *Importing) Undo(ctx context.Context, actor people.User, id string) (Import, error) {
	i, err := m.Get(ctx, actor, id)
	if err != nil {
		return i, err
	}
	return m.begin(ctx, actor, i, Done, Undoing)
}

// begin leaves the job that brings an import from one state to another.
func (m *Importing) begin(ctx context.Context, actor people.User, i Import, from, to State,
	also ...store.Statement) (Import, error) {
	err := m.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := query.Exec(ctx, tx, "UPDATE import SET state = $1 WHERE id = $2 AND state = $3", to, i.ID, from)
		if err == nil && n == 0 {
			err = record.ErrConflict
		}
		if err == nil {
			err = tx.ExecAll(ctx, also)
		}
		if err != nil {
			return err
		}
		return store.Enqueue(ctx, tx, Job, work{i.ID, actor.ID}, store.JobOptions{})
	})
	if err != nil {
		return i, err
	}
	return m.Get(ctx, actor, i.ID)
}
