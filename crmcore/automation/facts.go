package automation

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/query"
)

// facts are what conditions look at: all that is known of a record.
type facts struct {
	record.Named
	responsible string
	row         map[string]string // what its kind has
	values      record.Values
	fields      []field.Field // of its kind
	phones      []string
	openDeals   int64 // of its client, besides itself
	openTasks   int64
	created     time.Time
	updated     time.Time
	moved       time.Time
	contact     time.Time         // when somebody last spoke or wrote with the client; zero: never
	now         time.Time         // in the company's time zone
	called      map[string]string // names of stages, pipelines and users, for people to read
}

// builtIn are the fields that conditions may look at besides the company's own, and how they are compared.
func builtIn(kind record.Kind) map[string]rules.As {
	all := map[string]rules.As{"name": rules.Text, "responsible": rules.Text, "department": rules.Text,
		"comment": rules.Text, "country": rules.Text, "language": rules.Text, "weekday": rules.Text,
		"time": rules.Clock, "created": rules.Day, "updated": rules.Day, "last_contact": rules.Number,
		"open_deals": rules.Number, "open_tasks": rules.Number}
	more := map[record.Kind][]string{record.Lead: {"stage", "came_by", "line", "company"},
		record.Deal:    {"stage", "stage_kind", "pipeline", "currency", "contact", "company"},
		record.Contact: {"position", "company"}, record.Company: {"website"}}
	for _, name := range more[kind] {
		all[name] = rules.Text
	}
	if kind == record.Deal {
		all["amount"], all["moved"] = rules.Number, rules.Day
	}
	return all
}

// comparedAs is how the values of a field of the company's own are compared.
func comparedAs(t field.Type) rules.As {
	switch t {
	case field.Number, field.Money:
		return rules.Number
	case field.Date:
		return rules.Day
	}
	return rules.Text
}

// known tells which fields a condition on records of a kind may look at.
func known(kind record.Kind, fields []field.Field) func(name string) (rules.As, bool) {
	own := builtIn(kind)
	return func(name string) (rules.As, bool) {
		if as, there := own[name]; there {
			return as, true
		}
		i := slices.IndexFunc(fields, func(f field.Field) bool {
			return f.ID == name && slices.Contains(f.Kinds, kind)
		})
		if i < 0 {
			return "", false
		}
		return comparedAs(fields[i].Type), true
	}
}

// Look reads a field.
func (f *facts) Look(name string) (rules.Value, bool) {
	as, there := builtIn(f.Kind)[name]
	if !there {
		return f.own(name)
	}
	v := rules.Value{Name: name, As: as, Today: f.now, Call: f.call}
	put := func(text string) {
		if text != "" {
			v.Have = []string{text}
		}
	}
	switch name {
	case "weekday", "time":
		return rules.Moment(name, f.now)
	case "name":
		put(f.Name)
	case "responsible":
		put(f.responsible)
	case "created":
		put(f.day(f.created))
	case "updated":
		put(f.day(f.updated))
	case "moved":
		put(f.day(f.moved))
	case "country":
		v.Have = f.countries()
	case "language":
		for _, country := range f.countries() {
			v.Have = append(v.Have, rules.Language(country))
		}
	case "last_contact":
		if !f.contact.IsZero() {
			put(strconv.Itoa(int(f.now.Sub(f.contact) / (24 * time.Hour))))
		}
	case "open_deals":
		put(strconv.FormatInt(f.openDeals, 10))
	case "open_tasks":
		put(strconv.FormatInt(f.openTasks, 10))
	default:
		put(f.row[name])
	}
	return v, true
}

// own reads a field of the company's own.
func (f *facts) own(name string) (rules.Value, bool) {
	i := slices.IndexFunc(f.fields, func(x field.Field) bool { return x.ID == name })
	if i < 0 {
		return rules.Value{}, false
	}
	own := f.fields[i]
	v := rules.Value{Name: own.Name, As: comparedAs(own.Type), Today: f.now, Have: f.values[name],
		Call: func(id string) string {
			if at := slices.IndexFunc(own.Choices, func(o field.Option) bool { return o.ID == id }); at >= 0 {
				return own.Choices[at].Name
			}
			return f.call(id)
		}}
	if own.Type == field.Money && len(v.Have) > 0 {
		amount, _, _ := strings.Cut(v.Have[0], " ")
		v.Have = []string{amount}
	}
	return v, true
}

func (f *facts) call(id string) string {
	if name := f.called[id]; name != "" {
		return name
	}
	return id
}

func (f *facts) day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(f.now.Location()).Format(time.DateOnly)
}

func (f *facts) countries() (list []string) {
	for _, number := range f.phones {
		a := address.Address{Kind: address.Phone, Value: number}
		if c := a.Country(); c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// ofKind reads what a kind has besides what all have, by names.
func ofKind(kind record.Kind) (columns string, names []string) {
	switch kind {
	case record.Deal:
		return `t.stage, s.kind, t.pipeline, t.amount, t.currency, t.contact, t.company, t.moved_at FROM deal t
			JOIN stage s ON s.id = t.stage`,
			[]string{"stage", "stage_kind", "pipeline", "amount", "currency", "contact", "company", "moved"}
	case record.Lead:
		return `t.stage, t.source, t.line, t.company_name FROM lead t`,
			[]string{"stage", "came_by", "line", "company"}
	case record.Contact:
		return `t.position, t.company FROM contact t`, []string{"position", "company"}
	}
	return `t.website FROM company t`, []string{"website"}
}

// factsOf reads a record; store.ErrNotFound. Names of what ids stand for are read where people read it.
func (a *Automation) factsOf(ctx context.Context, tx store.Queries, ref record.Ref, named bool) (*facts, error) {
	f := &facts{Named: record.Named{Ref: ref}, row: map[string]string{}, now: a.ports.Now().In(a.core.Zone())}
	columns, names := ofKind(ref.Kind)
	into := make([]string, len(names))
	f, err := query.One(ctx, tx, func(r store.Row) (*facts, error) {
		var created, updated int64
		var comment, dept string
		to := []any{&f.Name, &f.responsible, &dept, &comment, &f.values, &created, &updated}
		for i := range into {
			to = append(to, &into[i])
		}
		err := r.Scan(to...)
		f.created, f.updated = store.Time(created), store.Time(updated)
		f.row["comment"], f.row["department"] = comment, dept
		return f, err
	}, query.New(`SELECT t.name, t.responsible,
		COALESCE((SELECT u.department FROM app_user u WHERE u.id = t.responsible), t.department), t.comment, t.fields,
		t.created_at, t.updated_at, `+columns+` WHERE t.id = ?`, ref.ID))
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		f.row[name] = into[i]
	}
	f.inUnits()
	if f.fields, err = field.All(ctx, tx); err != nil {
		return nil, err
	}
	f.fields = slices.DeleteFunc(f.fields, func(x field.Field) bool { return !slices.Contains(x.Kinds, ref.Kind) })
	if err := f.readHistory(ctx, tx); err != nil || !named {
		return f, err
	}
	f.called, err = callings(ctx, tx)
	return f, err
}

// inUnits reads an amount of cents as one of units, and a time.
func (f *facts) inUnits() {
	if cents, err := strconv.ParseInt(f.row["amount"], 10, 64); err == nil {
		f.row["amount"] = strconv.FormatFloat(float64(cents)/100, 'f', -1, 64)
	}
	if at, err := strconv.ParseInt(f.row["moved"], 10, 64); err == nil {
		f.moved = store.Time(at)
	}
}

// clients are the records whose timelines and numbers are the client's: those of a deal are its contact's or company's.
func (f *facts) clients() []record.Ref {
	switch {
	case f.Kind == record.Deal && f.row["contact"] != "":
		return []record.Ref{f.Ref, record.Contact.Ref(f.row["contact"])}
	case f.Kind == record.Deal && f.row["company"] != "":
		return []record.Ref{f.Ref, record.Company.Ref(f.row["company"])}
	}
	return []record.Ref{f.Ref}
}

// client is whom something is sent to, or who is called.
func (f *facts) client() record.Ref {
	all := f.clients()
	return all[len(all)-1]
}

// readHistory reads what was and what is to be done with a record's client.
func (f *facts) readHistory(ctx context.Context, tx store.Queries) (err error) {
	client := f.client()
	if f.phones, err = query.All(ctx, tx, query.Text, query.New(`SELECT value FROM contact_point WHERE entity_kind = ?
		AND entity_id = ? AND kind = 'phone' ORDER BY position`, client.Kind, client.ID)); err != nil {
		return err
	}
	q := query.New("SELECT COALESCE(MAX(e.at), 0) FROM activity_entity e JOIN activity a ON a.id = e.activity" +
		" WHERE a.kind IN ('call', 'mail', 'meeting') AND (FALSE")
	for _, ref := range f.clients() {
		q.Add(" OR (e.entity_kind = ? AND e.entity_id = ?)", ref.Kind, ref.ID)
	}
	last, err := query.One(ctx, tx, number, q.Add(")"))
	if err != nil {
		return err
	}
	f.contact = store.Time(last)
	if client.Kind == record.Contact || client.Kind == record.Company {
		if f.openDeals, err = query.One(ctx, tx, number, query.New("SELECT COUNT(*) FROM deal d JOIN stage s ON s.id ="+
			" d.stage WHERE d."+string(client.Kind)+" = ? AND s.kind = 'open' AND d.id <> ?", client.ID,
			f.ID)); err != nil {
			return err
		}
	}
	f.openTasks, err = query.One(ctx, tx, number, query.New(`SELECT COUNT(*) FROM activity_entity e JOIN activity a
		ON a.id = e.activity WHERE e.entity_kind = ? AND e.entity_id = ? AND e.waiting AND a.kind = 'task'`, f.Kind, f.ID))
	return err
}

func number(r store.Row) (n int64, err error) { return n, r.Scan(&n) }

// callings are what ids in records stand for.
func callings(ctx context.Context, db store.Queries) (map[string]string, error) {
	names := map[string]string{}
	_, err := query.All(ctx, db, func(r store.Row) (id string, err error) {
		var name string
		err = r.Scan(&id, &name)
		names[id] = name
		return id, err
	}, query.New(`SELECT id, name FROM stage UNION ALL SELECT id, name FROM pipeline UNION ALL SELECT id, name FROM app_user
		UNION ALL SELECT id, name FROM department`))
	return names, err
}

// callingOf is what a user is called.
func callingOf(ctx context.Context, db store.Queries, user string) (string, error) {
	names, err := people.Names(ctx, db, user)
	return names[user], err
}
