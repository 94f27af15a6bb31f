package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Audited is what kind of act an operation is that matters for security; "" for none.
type Audited string

const (
	AuditLogin     Audited = "login"     // log-ins, refused ones too, and their ends
	AuditAccount   Audited = "account"   // one's own password, second factor, API tokens
	AuditPeople    Audited = "people"    // users, their rights and departments
	AuditSettings  Audited = "settings"  // all else that only administrators may change
	AuditData      Audited = "data"      // exports, imports, what is deleted for good
	AuditRecording Audited = "recording" // somebody listens to a recording or reads it
)

// Audit is who did what, written before it is done: what can't be written down is not done.
type Audit struct {
	db      *store.DB
	now     func() time.Time
	refused *guard.Rates[string]
}

// refusedRate bounds the log-ins of strangers that are written down; those above are in the program's log.
func refusedRate() guard.Rate { return guard.Rate{Burst: 600, Every: 100 * time.Millisecond} }

func newAudit(db *store.DB, now func() time.Time) *Audit {
	return &Audit{db: db, now: now, refused: guard.NewRates[string](refusedRate(), 1)}
}

// AuditEntry is one act.
type AuditEntry struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Kind   Audited   `json:"kind" enum:"login,account,people,settings,data,recording"`
	Act    string    `json:"act" doc:"Id of the operation, as in the API's document"`
	About  string    `json:"about" doc:"Its path; of a log-in, the name that was given"`
	User   string    `json:"user" doc:"Id; empty where nobody was logged in"`
	Token  bool      `json:"token,omitempty" doc:"By an API token"`
	Status int       `json:"status" doc:"What was answered (HTTP); 0 where the answer is not known"`
	IP     string    `json:"ip"`
	Agent  string    `json:"agent"`
}

const (
	maxAbout = 300
	maxAgent = 200
)

// begin writes an act down and gives what notes its outcome.
func (a *Audit) begin(ctx context.Context, e AuditEntry) (end func(status int), err error) {
	e.ID = store.NewID()
	err = a.write(ctx, e)
	return func(status int) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		a.db.Exec(ctx, "UPDATE audit SET status = $1 WHERE id = $2", status, e.ID) // else it is not known
	}, err
}

func (a *Audit) write(ctx context.Context, e AuditEntry) error {
	_, err := a.db.Exec(ctx, `INSERT INTO audit (id, at, kind, act, about, user_id, token, status, ip, agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, e.ID, store.Micros(a.now()), e.Kind, e.Act,
		Cut(e.About, maxAbout), e.User, e.Token, e.Status, e.IP, Cut(e.Agent, maxAgent))
	return err
}

// LoggedIn writes a log-in down, or that one was refused; of refused ones no more than some a second.
func (a *Audit) LoggedIn(ctx context.Context, login, user string, status int) error {
	if status != http.StatusOK && !a.refused.Allow("") {
		return nil
	}
	v := VisitOf(ctx)
	return a.write(ctx, AuditEntry{ID: store.NewID(), Kind: AuditLogin, Act: "post-login", About: login, User: user,
		Status: status, IP: v.IP, Agent: v.Agent})
}

// MailRefused writes down that a mail program was refused: agent is the protocol. It counts among those of LoggedIn.
func (a *Audit) MailRefused(ctx context.Context, agent, login, ip string) error {
	if !a.refused.Allow("") {
		return nil
	}
	return a.write(ctx, AuditEntry{ID: store.NewID(), Kind: AuditLogin, Act: "post-login", About: login,
		Status: http.StatusUnauthorized, IP: ip, Agent: agent})
}

// Prune removes what is older than so many days.
func (a *Audit) Prune(ctx context.Context, days int) error {
	_, err := a.db.Exec(ctx, "DELETE FROM audit WHERE at < $1", store.Micros(a.now().AddDate(0, 0, -days)))
	return err
}

// AuditFilter narrows the acts that are listed.
type AuditFilter struct {
	Kind  Audited   `query:"kind" enum:"login,account,people,settings,data,recording"`
	User  string    `query:"user" maxLength:"100" doc:"Id"`
	Since time.Time `query:"since"`
	Until time.Time `query:"until"`
}

// List reads a page of acts, the latest first.
func (a *Audit) List(ctx context.Context, f AuditFilter, p Paging) (page Page[AuditEntry], err error) {
	q := query.New(`SELECT id, at, kind, act, about, user_id, token, status, ip, agent FROM audit WHERE TRUE`)
	if f.Kind != "" {
		q.Add(" AND kind = ?", f.Kind)
	}
	if f.User != "" {
		q.Add(" AND user_id = ?", f.User)
	}
	if !f.Since.IsZero() {
		q.Add(" AND at >= ?", store.Micros(f.Since))
	}
	if !f.Until.IsZero() {
		q.Add(" AND at < ?", store.Micros(f.Until))
	}
	if p.After != "" {
		at, id, err := readAuditCursor(p.After)
		if err != nil {
			return page, err
		}
		q.Add(" AND (at, id) < (?, ?)", at, id)
	}
	page.Items, err = query.All(ctx, a.db, scanEntry, q.Add(" ORDER BY at DESC, id DESC LIMIT ?", p.Limit+1))
	if err == nil && len(page.Items) > p.Limit {
		page.Items = page.Items[:p.Limit]
		last := page.Items[p.Limit-1]
		page.Next = base64.RawURLEncoding.EncodeToString([]byte(last.At.Format(time.RFC3339Nano) + " " + last.ID))
	}
	return page, err
}

func readAuditCursor(cursor string) (at int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	when, id, found := strings.Cut(string(raw), " ")
	t, wrong := time.Parse(time.RFC3339Nano, when)
	if err != nil || wrong != nil || !found {
		return 0, "", input.Refuse("after", "is not one of ours; start from the first page")
	}
	return store.Micros(t), id, nil
}

func scanEntry(r store.Row) (e AuditEntry, err error) {
	var at int64
	err = r.Scan(&e.ID, &at, &e.Kind, &e.Act, &e.About, &e.User, &e.Token, &e.Status, &e.IP, &e.Agent)
	e.At = store.Time(at)
	return e, err
}
