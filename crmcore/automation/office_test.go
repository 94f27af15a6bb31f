package automation

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// Whatever is started in a test has ended with it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a company with an admin and two sellers of a department, and a pipeline.
type office struct {
	*testing.T
	*Automation
	db             *store.DB
	ctx            context.Context
	root, ana, dan people.User
	sales          string
	fresh, won     string // stages
	clock          time.Time
	free           []string // who can take a client
	mu             sync.Mutex
	noticed        []string
}

func each(t *testing.T, test func(o *office)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := &office{T: t, db: db, ctx: t.Context(), clock: store.Now()}
		o.Automation = o.node()
		o.root = o.user("root", people.Admin, "")
		house, err := o.core.CreateDepartment(o.ctx, o.root, people.Department{Name: "Sales"})
		o.must(err)
		o.sales = house.ID
		o.ana, o.dan = o.user("ana", people.Staff, o.sales), o.user("dan", people.Staff, o.sales)
		o.free = []string{o.root.ID, o.ana.ID, o.dan.ID}
		p, err := o.core.SavePipeline(o.ctx, o.root, crmcore.Pipeline{Name: "Sales", Stages: []crmcore.Stage{
			{Name: "New", Kind: "open"}, {Name: "Talk", Kind: "open"}, {Name: "Won", Kind: "won"},
			{Name: "Lost", Kind: "lost"}}})
		o.must(err)
		o.fresh, o.won = p.Stages[0].ID, p.Stages[2].ID
		test(o)
	})
}

// node is one of several on the database.
func (o *office) node() *Automation {
	core := crmcore.New(o.db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{
		Available: func(context.Context, []string) []string { return o.free }}, slog.New(slog.DiscardHandler),
		prometheus.NewRegistry())
	return New(o.db, core, Ports{Now: func() time.Time { return o.clock },
		Noticed: func(users []string) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.noticed = append(o.noticed, users...)
		}}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

// runs has a node work until it dies.
func (o *office) runs(a *Automation, name string) (die func()) {
	ctx, cancel := context.WithCancel(o.ctx)
	log := slog.New(slog.DiscardHandler)
	jobs, events := store.NewJobs(o.db, store.JobsConfig{Holder: name}, log), store.NewEventLog(o.db, log)
	a.Handle(jobs)
	var over sync.WaitGroup
	over.Go(func() { events.Run(ctx, func([]string) {}) })
	over.Go(func() { a.Follow(ctx, events) })
	over.Go(func() { jobs.Run(ctx) })
	die = sync.OnceFunc(func() { cancel(); over.Wait() })
	o.Cleanup(die)
	return die
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) user(login string, role people.Role, department string) people.User {
	o.Helper()
	u, err := o.core.CreateUser(o.ctx, people.System(), people.NewUser{Password: "correct horse",
		User: people.User{Login: login, Name: login, Role: role, Department: department, Access: people.AccessAll}})
	o.must(err)
	return u
}

func (o *office) save(r Routine) Routine {
	o.Helper()
	r.Active, r.Name = true, cmp.Or(r.Name, "Rule")
	if r.Kind == "" {
		r.Kind = record.Deal
	}
	r, err := o.Save(o.ctx, o.root, r)
	o.must(err)
	return r
}

func (o *office) deal(title string, amount int64) crmcore.Deal {
	o.Helper()
	d, err := o.core.CreateDeal(o.ctx, o.ana, crmcore.Deal{Title: title, Stage: o.fresh, Amount: amount * 100})
	o.must(err)
	return d
}

func (o *office) move(d crmcore.Deal, stage string) {
	o.Helper()
	_, err := o.core.MoveDeal(o.ctx, o.ana, d.ID, stage)
	o.must(err)
}

// entries are those of a kind on the deal's timeline.
func (o *office) entries(d crmcore.Deal, kind string) []timeline.Activity {
	o.Helper()
	l, err := o.core.TimelineOf(o.ctx, o.root, record.Deal.Ref(d.ID), kind, record.Page{Limit: 200})
	o.must(err)
	return l.Items
}

func (o *office) log(state State) []Run {
	o.Helper()
	list, err := o.Runs(o.ctx, o.root, Log{State: state, Limit: 200})
	o.must(err)
	return list
}

// settled waits until all that was told was taken, and all that came of it is done.
func (o *office) settled() {
	o.Helper()
	testwait.Until(o, "all is done", func() bool {
		var n int
		o.must(o.db.QueryRow(o.ctx, `SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM job WHERE kind = $1) +
			(SELECT COUNT(*) FROM event_cursor WHERE name = $2 AND seq < (SELECT seq FROM event_counter WHERE id = 1))`, RunJob,
			cursor).Scan(&n))
		return n == 0
	})
}

func asks(name, op string, values ...string) rules.Condition {
	return rules.Condition{Field: name, Op: op, Values: values}
}

func toResponsible() *Whom { return &Whom{Who: responsible} }
