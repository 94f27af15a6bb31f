package reports

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	kept       = 90 * 24 * time.Hour
	summed     = 30 * 24 * time.Hour
	maxReports = 5000 // of a domain are kept
	maxShown   = 500
)

// Book has the reports. It is safe for concurrent use by any number of nodes on one database.
type Book struct {
	db   *store.DB
	ours func(ctx context.Context, domain string) (bool, error)
	log  *slog.Logger
	one  *sync.Mutex // reads at a time: what a stranger packed may be large
}

// New opens it over a migrated database; ours tells our domains.
func New(db *store.DB, ours func(ctx context.Context, domain string) (bool, error), log *slog.Logger) *Book {
	return &Book{db: db, ours: ours, log: log, one: new(sync.Mutex)}
}

// Took reads a mail that reporter, a domain, is proven to have sent. What is no report, not of a domain of ours, or
// there already, is nothing.
func (b *Book) Took(ctx context.Context, reporter string, raw io.ReaderAt, size int64) error {
	b.one.Lock()
	list := read(raw, size, slog.New(slog.DiscardHandler))
	b.one.Unlock()
	for _, r := range list {
		r.domain = strings.ToLower(strings.TrimSuffix(coding.Clean(r.domain, 253), "."))
		ours, err := b.ours(ctx, r.domain)
		if err != nil {
			return err
		}
		if !ours {
			continue
		}
		if err := b.keep(ctx, strings.ToLower(reporter), r); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) keep(ctx context.Context, reporter string, r report) error {
	lines, err := json.Marshal(r.lines)
	if err != nil {
		return err
	}
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_report WHERE domain = $1`, r.domain).Scan(&n); err != nil {
			return err
		}
		if n >= maxReports {
			b.log.Warn("a report is not kept: there are too many", "domain", r.domain, "reporter", reporter)
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO mail_report (id, kind, domain, reporter, report_id, begin_at, end_at, passed, failed, lines, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (kind, domain, reporter, report_id) DO NOTHING`,
			store.NewID(), string(r.kind), r.domain, coding.Clean(reporter, 253), coding.Clean(r.id, 255),
			within(r.begin), within(r.end), r.passed, r.failed, string(lines), store.Micros(time.Now()))
		return err
	})
}

// within is a time that a stranger names, as far as it can be kept.
func within(t time.Time) int64 {
	if t.Year() < 2000 || t.Year() > 2200 {
		return 0
	}
	return store.Micros(t)
}

// Report is one that came.
type Report struct {
	Kind     Kind      `json:"kind" enum:"dmarc,tls"`
	Reporter string    `json:"reporter" doc:"Domain that is proven to have sent it"`
	Begin    time.Time `json:"begin"`
	End      time.Time `json:"end"`
	Passed   int64     `json:"passed"`
	Failed   int64     `json:"failed"`
}

// Summary is what came about a domain in the last 30 days.
type Summary struct {
	DMARC   []Line   `json:"dmarc" doc:"By source, first those whose mail nothing proves"`
	TLS     []Line   `json:"tls" doc:"By source and reason, what could not reach us by TLS"`
	Reports []Report `json:"reports" doc:"The latest first"`
}

// Of sums up what came about a domain.
func (b *Book) Of(ctx context.Context, domain string) (Summary, error) {
	s, lines := Summary{Reports: []Report{}}, map[Kind][]Line{}
	_, err := query.All(ctx, b.db, func(row store.Row) (none struct{}, err error) {
		var r Report
		var begin, end int64
		var text string
		if err := row.Scan(&r.Kind, &r.Reporter, &begin, &end, &r.Passed, &r.Failed, &text); err != nil {
			return none, err
		}
		r.Begin, r.End = store.Time(begin), store.Time(end)
		s.Reports = append(s.Reports, r)
		var of []Line
		err = json.Unmarshal([]byte(text), &of)
		lines[r.Kind] = append(lines[r.Kind], of...)
		return none, err
	}, query.New(`SELECT kind, reporter, begin_at, end_at, passed, failed, lines FROM mail_report WHERE domain = ? AND at > ?
		ORDER BY at DESC LIMIT ?`, domain, store.Micros(time.Now().Add(-summed)), maxShown))
	s.DMARC, s.TLS = sum(lines[DMARC]), sum(lines[TLS])
	return s, err
}

// Expire forgets what came long ago.
func (b *Book) Expire(ctx context.Context) error {
	_, err := b.db.Exec(ctx, `DELETE FROM mail_report WHERE at < $1`, store.Micros(time.Now().Add(-kept)))
	return err
}
