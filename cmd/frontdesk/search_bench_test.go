package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// contactsEnv names the variable with the number of contacts of BenchmarkSearch; the aims of docs/figures.md are for
// 1000000.
const contactsEnv = "FRONTDESK_BENCH_CONTACTS"

// BenchmarkSearch is how long searches, lists and the history of calls take over HTTP, for people of each access, and
// then a caller's card while twenty searches run.
func BenchmarkSearch(b *testing.B) {
	many := 50_000
	if n, err := strconv.Atoi(os.Getenv(contactsEnv)); err == nil {
		many = n
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			address := ""
			if engine == "postgres" {
				address = storetest.PostgresURL(b)
			}
			n := runCompany(b, address)
			t := newTown(b, n, many)
			for _, q := range []string{"c", "c e", "+40", "popescu", "popescu ion", "popescu paul", "ion maria",
				"opesc", "0720012345", "12345", "ion.popescu345@firm34.ro", "zzzz", "ro com"} {
				t.measure(b, "search "+q, "all", "/api/v1/search?q="+url.QueryEscape(q))
				t.measure(b, "contacts "+q, "all", "/api/v1/contacts?limit=50&q="+url.QueryEscape(q))
				t.measure(b, "contacts by name "+q, "all", "/api/v1/contacts?limit=50&order=name&q="+url.QueryEscape(q))
				t.measure(b, "contacts "+q, "subtree", "/api/v1/contacts?limit=50&q="+url.QueryEscape(q))
				t.measure(b, "contacts "+q, "department", "/api/v1/contacts?limit=50&q="+url.QueryEscape(q))
				t.measure(b, "contacts "+q, "own", "/api/v1/contacts?limit=50&q="+url.QueryEscape(q))
			}
			for _, access := range []string{"all", "subtree", "department", "own"} {
				t.measure(b, "list", access, "/api/v1/contacts?limit=50")
				t.measure(b, "list by name", access, "/api/v1/contacts?limit=50&order=name")
			}
			line, seller, mate := "number=%2B40210000001", "user="+t.seller, "user="+t.mate
			names := strings.NewReplacer(t.seller, "SELLER", t.mate, "MATE")
			for _, filter := range []string{"", "missed=true", "number=%2B40720012345", line, seller, mate,
				"missed=true&" + seller, "missed=true&" + mate, "missed=true&" + line,
				seller + "&" + line, mate + "&" + line} {
				for _, access := range []string{"all", "own"} {
					t.measure(b, "calls "+names.Replace(filter), access, "/api/v1/calls?limit=50&"+filter)
				}
			}
			b.Run("beside", func(b *testing.B) { t.cardsBeside(b, n) })
		})
	}
}

// town is a company with many contacts and people of each access.
type town struct {
	many    int
	base    string
	seller  string                  // id of one of many, who never was in a call with "own"
	mate    string                  // id of one who often was
	clients map[string]*http.Client // by access
}

func newTown(b *testing.B, n *node, many int) *town {
	t := &town{many: many, base: "http://" + n.listeners.address("http"), clients: map[string]*http.Client{}}
	ctx := b.Context()
	top := t.department(b, n, "Sales of the town", "")
	var users []string
	for d := range 10 {
		below := t.department(b, n, fmt.Sprint("Team ", d), top)
		for i := range 5 {
			users = append(users, t.person(b, n, fmt.Sprintf("seller%d-%d", d, i), below, people.AccessOwn))
		}
	}
	t.seller = users[5]
	t.person(b, n, "all", "", people.AccessAll)
	t.person(b, n, "subtree", top, people.AccessDepartment)
	users = append(users, t.person(b, n, "department", t.department(b, n, "Small team", top), people.AccessDepartment),
		t.person(b, n, "own", "", people.AccessOwn))
	t.mate = users[50]
	maria, err := n.core.Login(ctx, "maria", demoPassword)
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if err := settle(ctx, n.db, many, append(users, maria.ID)); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d contacts written in %s", many, time.Since(begun).Round(time.Second))
	for _, login := range []string{"all", "subtree", "department", "own"} {
		jar, _ := cookiejar.New(nil)
		t.clients[login] = &http.Client{Jar: jar}
		resp, err := t.clients[login].Post(t.base+"/api/v1/login", "application/json",
			strings.NewReader(fmt.Sprintf(`{"login":%q,"password":%q}`, login, demoPassword)))
		if err != nil || resp.StatusCode >= 300 {
			b.Fatal("log-in", err, resp)
		}
		resp.Body.Close()
	}
	return t
}

func (t *town) department(b *testing.B, n *node, name, parent string) string {
	d, err := n.core.CreateDepartment(b.Context(), people.System(), people.Department{Name: name, Parent: parent})
	if err != nil {
		b.Fatal(err)
	}
	return d.ID
}

func (t *town) person(b *testing.B, n *node, login, department string, access people.Access) string {
	u, err := n.core.CreateUser(b.Context(), people.System(), people.NewUser{
		User:     people.User{Login: login, Name: login, Role: people.Staff, Department: department, Access: access},
		Password: demoPassword})
	if err != nil {
		b.Fatal(err)
	}
	return u.ID
}

// get reads an answer to its end; another status than 200 is an error.
func (t *town) get(ctx context.Context, access, path string) error {
	r, _ := http.NewRequestWithContext(ctx, "GET", t.base+path, nil)
	resp, err := t.clients[access].Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, text)
	}
	return err
}

func (t *town) measure(b *testing.B, name, access, path string) {
	b.Run(strings.ReplaceAll(name, " ", "_")+"/"+access, func(b *testing.B) {
		var took []time.Duration
		before := processorTime(b)
		for b.Loop() {
			for range 20 {
				begun := time.Now()
				if err := t.get(b.Context(), access, path); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begun))
			}
		}
		b.ReportMetric(0, "ns/op")
		percentiles(b, took, "", 50, 95, 99)
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(len(took)), "cpu-ms")
	})
}

// processorTime is what this process has used, which other programs' work does not change: the server without
// PostgreSQL, and the one who asks.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cardsBeside calls while twenty people search without a pause.
func (t *town) cardsBeside(b *testing.B, n *node) {
	maria := openTab(b, t.base, "maria")
	line := newCarrier(b, n.listeners.address("sip_udp"))
	ctx, stop := context.WithCancel(b.Context())
	var searches sync.WaitGroup
	var done, refused atomic.Int64
	for i := range 20 {
		searches.Go(func() {
			queries, access := []string{"c", "c e", "+40", "popescu", "opesc", "12345"},
				[]string{"all", "subtree", "department", "own"}
			for j := i; ctx.Err() == nil; j++ {
				if t.get(ctx, access[j%len(access)],
					"/api/v1/search?q="+url.QueryEscape(queries[j%len(queries)])) == nil {
					done.Add(1)
				} else if ctx.Err() == nil {
					refused.Add(1)
				}
			}
		})
	}
	begun := time.Now()
	cards(b, n.db, maria, line, func(i int) string { return fmt.Sprintf("+407%08d", 20_000_000+(i*7919*53)%t.many) })
	b.ReportMetric(float64(done.Load())/time.Since(begun).Seconds(), "searches/s")
	b.ReportMetric(float64(refused.Load()), "refused")
	stop()
	searches.Wait()
}

// settle writes contacts by SQL alone: 1,000 pairs of names, of which 15 are Popescu, and of each contact a number, a
// mailbox and their words.
func settle(ctx context.Context, db *store.DB, many int, users []string) error {
	bytes := func(text string) string { return "CAST(" + text + " AS BLOB)" }
	if db.Dialect() == store.PostgreSQL {
		bytes = func(text string) string { return "convert_to(" + text + ", 'UTF8')" }
	}
	const id = `'01930000-0000-7000-8000-' || substr(CAST(1000000000000 + n.i AS TEXT), 2)`
	const phone, firm = `CAST(20000000 + n.i AS TEXT)`, `'firm' || (n.i / 10)`
	const email = `b.first || '.' || b.last || n.i || '@' || ` + firm + ` || '.ro'`
	backwards := `substr(` + phone + `, 8, 1)`
	for i := 7; i > 0; i-- {
		backwards += fmt.Sprintf(` || substr(%s, %d, 1)`, phone, i)
	}
	from := fmt.Sprintf(` FROM n JOIN town_name b ON b.i = (n.i %% 1000 * 7919) %% 1000 JOIN town_user u ON u.i = n.i %% %d`, len(users))
	point := `INSERT INTO contact_point (entity_kind, entity_id, position, kind, value, ext, raw, label, is_primary, reversed) SELECT 'contact', ` + id
	word := func(text string) string {
		return `INSERT INTO search_word (entity_kind, word, entity_id) SELECT 'contact', ` + text + `, ` + id + from
	}
	if err := nameTown(ctx, db, users); err != nil {
		return err
	}
	err := growTown(ctx, db, many,
		`INSERT INTO contact (id, name, folded, position, company, comment, responsible, department, created_at, updated_at)
			SELECT `+id+`, b.name, b.folded, '', '', '', u.id, '', 1, 1`+from,
		point+`, 0, 'phone', '+407' || `+phone+`, '', '', '', TRUE, `+bytes(backwards+` || '704'`)+from,
		point+`, 1, 'email', `+email+`, '', '', '', TRUE, `+bytes(`''`)+from,
		word(bytes(`b.first`)), word(bytes(`b.last`)), word(bytes(`b.last || n.i`)), word(bytes(firm)),
		word(bytes(`'ro'`)), word(bytes(email)),
		word(bytes(`'407' || `+phone)), word(bytes(`'7' || `+phone)))
	if err == nil {
		err = ringTown(ctx, db, many, len(users))
	}
	if err == nil && db.Dialect() == store.PostgreSQL {
		_, err = db.Exec(ctx, "VACUUM ANALYZE") // as its autovacuum does by itself, but not beside what is measured
	}
	return err
}

// ringTown writes as many calls as there are contacts: of three, one is ours; of ten that come in, two are missed. Two
// people are in each.
func ringTown(ctx context.Context, db *store.DB, many, users int) error {
	const id = `'01930000-0000-7000-9000-' || substr(CAST(1000000000000 + n.i AS TEXT), 2)`
	client := fmt.Sprintf(`'+407' || CAST(20000000 + (n.i %% 1000 * 7919 + n.i) %% %d AS TEXT)`, many)
	line := `'+4021000000' || CAST(n.i % 3 AS TEXT)`
	either := func(ours, theirs string) string {
		return `CASE WHEN n.i % 3 = 0 THEN ` + ours + ` ELSE ` + theirs + ` END`
	}
	outcome := `CASE WHEN n.i % 10 = 1 THEN 'missed' WHEN n.i % 10 = 4 THEN 'busy' ELSE 'answered' END`
	person := func(role string, ahead int) string {
		return fmt.Sprintf(`INSERT INTO call_user (call, user_id, role, position)
			SELECT %s, u.id, '%s', %d FROM n JOIN town_user u ON u.i = (n.i + %d) %% %d`, id, role, ahead, ahead, users)
	}
	return growTown(ctx, db, many, `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk,
			started_at, answered_at, ended_at, seen_at, outcome, cause)
			SELECT `+id+`, 'demo', 1, `+either(`'out'`, `'in'`)+`, `+either(line, client)+`, '', `+either(client, line)+`, '', `+line+`, '',
			n.i, n.i, n.i, n.i, `+outcome+`, '' FROM n`,
		person("took", 0), person("rang", 1))
}

// growTown runs statements for the numbers from 0 on, which they find in n; not all in one transaction.
func growTown(ctx context.Context, db *store.DB, many int, statements ...string) error {
	for _, text := range statements {
		for at := 0; at < many; at += 100_000 {
			numbers := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) `,
				at, min(at+100_000, many)-1)
			if _, err := db.Exec(ctx, strings.Replace(text, "SELECT", numbers+"SELECT", 1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameTown writes the names and people that settle takes, and the parts of the names.
func nameTown(ctx context.Context, db *store.DB, users []string) error {
	firsts := strings.Fields("ion ana cezar elena mihai ioana carmen emil vasile cristina george eva dan claudia " +
		"radu maria paul corina victor irina")
	return db.Tx(ctx, func(tx *store.Tx) error {
		for _, text := range []string{`CREATE TABLE town_user (i BIGINT PRIMARY KEY, id TEXT NOT NULL)`,
			`CREATE TABLE town_name (i BIGINT PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, name TEXT NOT NULL, folded BYTEA NOT NULL)`} {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		for i, user := range users {
			if _, err := tx.Exec(ctx, `INSERT INTO town_user VALUES ($1, $2)`, i, user); err != nil {
				return err
			}
		}
		for i := range 1000 {
			first, last := firsts[i%len(firsts)], "popescu"
			if i >= 15 {
				last = syllables(i)
			}
			for end := 1; end+3 <= len(last); end++ {
				if _, err := tx.Exec(ctx, `INSERT INTO search_part (part, word) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
					[]byte(last[end:]), []byte(last)); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, `INSERT INTO town_name VALUES ($1, $2, $3, $4, $5)`, i, first, last,
				first+" "+last, []byte(first+" "+last)); err != nil {
				return err
			}
		}
		return nil
	})
}

// syllables makes a surname of a number.
func syllables(i int) string {
	parts := strings.Fields("ba ce di fo gu ha je ki lo mu")
	return parts[i%10] + parts[i/10%10] + parts[i/100%10] + []string{"escu", "anu", "ea"}[i%3]
}
