package importing

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// desk is a company of two sellers who see their own.
type desk struct {
	testing.TB
	*Importing
	ana, bogdan people.User
}

func newDesk(t testing.TB, db *store.DB) *desk {
	core := crmcore.New(db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{}, slog.New(slog.DiscardHandler),
		prometheus.NewRegistry())
	d := &desk{TB: t, Importing: New(db, core)}
	d.part = 7
	d.ana, d.bogdan = d.user("ana"), d.user("bogdan")
	return d
}

func each(t *testing.T, test func(d *desk)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newDesk(t, db)) })
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) user(login string) people.User {
	d.Helper()
	u, err := d.core.CreateUser(d.Context(), people.System(), people.NewUser{User: people.User{Login: login,
		Name: login, Role: people.Staff, Access: people.AccessOwn, Active: true}, Password: "correct horse"})
	d.must(err)
	return u
}

// bring imports a file as its columns are guessed, to the end.
func (d *desk) bring(kind record.Kind, policy Policy, text string) Import {
	d.Helper()
	i, err := d.Add(d.Context(), d.ana, kind, "clients.csv", []byte(text))
	d.must(err)
	_, err = d.Run(d.Context(), d.ana, i.ID, Start{Mapping: i.Mapping, Policy: policy})
	d.must(err)
	return d.finish(i.ID)
}

// finish does the job that waits, as any node would.
func (d *desk) finish(id string) Import {
	d.Helper()
	payload, err := query.One(d.Context(), d.db, query.Text,
		query.New("SELECT payload FROM job WHERE kind = ? ORDER BY id DESC LIMIT 1", Job))
	d.must(err)
	d.must(d.do(d.Context(), store.Job{Kind: Job, Payload: []byte(payload)}))
	i, err := d.Get(d.Context(), d.ana, id)
	d.must(err)
	return i
}

func (d *desk) names() (all []string) {
	list, err := d.core.Contacts(d.Context(), d.ana, record.Filter{Order: record.ByName})
	d.must(err)
	for _, c := range list.Items {
		all = append(all, fmt.Sprintf("%s/%s/%d", c.Name, c.CompanyName, len(c.Points)))
	}
	return all
}

// A file becomes contacts with their companies; a wrong line is told; all of it is taken back but what was used since.
func TestAnImportAndItsWayBack(t *testing.T) {
	each(t, func(d *desk) {
		i := d.bring(record.Contact, Skip, "First Name;Last Name;Phone Number;Email;Company name\n"+
			"Ana;Pop;0722 000 001;ana@client.test;Firm\nIon;Rus;+40722000002;;firm\n"+
			"Bad;Line;12;;\nAna;Again;0722000001;;\n")
		if i.State != Done || i.Made != 2 || i.Failed != 1 || i.Skipped != 1 || i.Done != 4 {
			d.Errorf("%+v", i)
		}
		if got := d.names(); !slices.Equal(got, []string{"Ana Pop/Firm/2", "Ion Rus/Firm/1"}) {
			d.Errorf("contacts %q", got)
		}
		var bad bytes.Buffer
		write, err := d.Errors(d.Context(), d.ana, i.ID)
		d.must(err)
		d.must(write(&bad))
		if !strings.Contains(bad.String(), "\nBad,Line,12,,,") || strings.Count(bad.String(), "\n") != 2 {
			d.Errorf("errors %q", bad.String())
		}
		found, err := d.core.Contacts(d.Context(), d.ana, record.Filter{Query: "ion"})
		d.must(err)
		ion := found.Items[0]
		ion.Comment = "Called me"
		_, err = d.core.UpdateContact(d.Context(), d.ana, ion)
		d.must(err)
		_, err = d.Undo(d.Context(), d.ana, i.ID)
		d.must(err)
		i = d.finish(i.ID)
		if i.State != Undone || i.Undone != 1 || i.Kept != 1 {
			d.Errorf("taken back: %+v", i)
		}
		if got := d.names(); !slices.Equal(got, []string{"Ion Rus/Firm/1"}) {
			d.Errorf("left %q", got)
		}
		deleted, err := d.core.Bin(d.Context(), d.ana, "", record.Page{})
		d.must(err)
		if len(deleted.Items) != 1 || deleted.Items[0].CauseID != i.ID {
			d.Errorf("in the bin %+v", deleted.Items)
		}
	})
}

// What is there already is found by number and mailbox, and skipped, updated or made anyway; nobody's colleague is
// changed, and an update is taken back.
func TestDuplicatesOfAnImport(t *testing.T) {
	each(t, func(d *desk) {
		d.bring(record.Contact, Skip, "Name,Phone\nAna,0722000001\n")
		theirs, err := d.core.CreateContact(d.Context(), d.bogdan, crmcore.Contact{Name: "His",
			Points: []record.Point{{Kind: "email", Raw: "his@client.test"}}})
		d.must(err)
		const file = "Name,Phone,E-mail,Job title\n" +
			"Ana Maria,+40 722 000 001,ana@client.test,Head\nX,,HIS@client.test,\n"
		if i := d.bring(record.Contact, Skip, file); i.Skipped != 2 {
			d.Errorf("skip: %+v", i)
		}
		i := d.bring(record.Contact, Update, file)
		if i.Updated != 1 || i.Failed != 1 {
			d.Errorf("update: %+v", i)
		}
		if got := d.names(); !slices.Equal(got, []string{"Ana Maria//2"}) {
			d.Errorf("updated %q", got)
		}
		_, err = d.Undo(d.Context(), d.ana, i.ID)
		d.must(err)
		if i = d.finish(i.ID); i.Undone != 1 || !slices.Equal(d.names(), []string{"Ana//1"}) {
			d.Errorf("taken back %+v: %q", i, d.names())
		}
		if i := d.bring(record.Contact, Make, file); i.Made != 2 {
			d.Errorf("make: %+v", i)
		}
		same, err := d.core.Contact(d.Context(), d.bogdan, theirs.ID)
		d.must(err)
		if same.Name != "His" {
			d.Error("a colleague's client was changed")
		}
		if _, err := d.Get(d.Context(), d.bogdan, i.ID); !errors.Is(err, people.ErrForbidden) {
			d.Errorf("a colleague reads the import: %v", err)
		}
	})
}

// Lines about one client come together in it, in whatever part of the file they are, and are taken back together.
func TestLinesOfOneClient(t *testing.T) {
	each(t, func(d *desk) {
		d.bring(record.Contact, Skip, "Name,Phone\nAna,0722000001\n")
		var file strings.Builder
		file.WriteString("Name,Phone,E-mail,Job title\nAna,0722000001,,Head\nAna,0722000001,a@client.test,\n" +
			"Ion,0722000002,,\nIon,0722000002,i@client.test,\n")
		for n := range d.part {
			fmt.Fprintf(&file, "P,0733%06d,,\n", n)
		}
		file.WriteString(",0722000001,ana@work.test,\n,0722000002,,Driver\n")
		i := d.bring(record.Contact, Update, file.String())
		if i.Made != int64(d.part)+1 || i.Updated != 4 || i.Skipped != 1 {
			d.Errorf("%+v", i)
		}
		for who, want := range map[string]string{"ana": "Head 3", "ion": "Driver 2"} {
			found, err := d.core.Contacts(d.Context(), d.ana, record.Filter{Query: who})
			d.must(err)
			if len(found.Items) != 1 {
				d.Fatalf("%s: %+v", who, found.Items)
			}
			c := found.Items[0]
			if got := fmt.Sprint(c.Position, " ", len(c.Points)); got != want {
				d.Errorf("%s is %q, want %q", who, got, want)
			}
		}
		_, err := d.Undo(d.Context(), d.ana, i.ID)
		d.must(err)
		if i = d.finish(i.ID); i.Kept != 0 || !slices.Equal(d.names(), []string{"Ana//1"}) {
			d.Errorf("taken back %+v: %q", i, d.names())
		}
	})
}

// Who was dismissed changes nothing more, also by what he had begun.
func TestAnImportEndsWithWhoBeganIt(t *testing.T) {
	each(t, func(d *desk) {
		i, err := d.Add(d.Context(), d.ana, record.Contact, "x.csv", []byte("Name,Phone\nIon,0722000001\n"))
		d.must(err)
		_, err = d.Run(d.Context(), d.ana, i.ID, Start{Mapping: i.Mapping, Policy: Make})
		d.must(err)
		_, err = d.core.CreateUser(d.Context(), people.System(), people.NewUser{User: people.User{Login: "boss",
			Name: "Boss", Role: people.Admin, Active: true}, Password: "correct horse"})
		d.must(err)
		away := d.ana
		away.Active = false
		_, err = d.core.UpdateUser(d.Context(), people.System(), away)
		d.must(err)
		if i = d.finish(i.ID); i.State != Done || i.Made != 0 {
			d.Errorf("%+v", i)
		}
	})
}

// A part that was done before a crash is not done again.
func TestAnImportGoesOnWhereItStood(t *testing.T) {
	each(t, func(d *desk) {
		var file strings.Builder
		file.WriteString("Name,Phone\n")
		for n := range d.part + 3 {
			fmt.Fprintf(&file, "P%03d,0722%06d\n", n, n)
		}
		i, err := d.Add(d.Context(), d.ana, record.Contact, "x.csv", []byte(file.String()))
		d.must(err)
		i, err = d.Run(d.Context(), d.ana, i.ID, Start{Mapping: i.Mapping, Policy: Make})
		d.must(err)
		d.must(d.forth(d.Context(), d.ana, i))
		if i = d.finish(i.ID); i.Made != int64(d.part)+3 {
			d.Errorf("%+v", i)
		}
		var n int
		d.must(d.db.QueryRow(d.Context(), "SELECT COUNT(*) FROM contact").Scan(&n))
		if n != d.part+3 {
			d.Errorf("%d contacts", n)
		}
	})
}

// Values of own fields are read as people and other programs write them.
func TestWritingsOfValues(t *testing.T) {
	b := &batch{users: map[string]string{"ana pop": "u1"}}
	for _, c := range []struct {
		field    field.Type
		in, want string
	}{{field.Date, "30.11.2026", "2026-11-30"}, {field.Date, "2026-11-30 10:00:00", "2026-11-30"},
		{field.Date, "01/02/2026", "01/02/2026"}, {field.Number, "1 234,50", "1234.50"},
		{field.Number, "1,234.50", "1234.50"}, {field.Number, "1.234,5", "1234.5"}, {field.Number, "12.5", "12.5"},
		{field.Money, "1.200,50 EUR", "1200.50 EUR"}, {field.YesNo, "Да", "yes"}, {field.YesNo, "FALSE", "no"},
		{field.User, "Ana Pop", "u1"}, {field.Choice, "hot", "c1"}, {field.Choices, "Hot; cold", "c1|cold"},
		{field.Text, " 1,5", "1,5"}} {
		f := field.Field{Type: c.field, Choices: []field.Option{{ID: "c1", Name: "Hot"}}}
		if got := strings.Join(b.values(f, c.in), "|"); got != c.want {
			t.Errorf("%s %q is %q, want %q", c.field, c.in, got, c.want)
		}
	}
}

// The headings of others' exports are known.
func TestHeadingsOfOthersAreKnown(t *testing.T) {
	for file, want := range map[string][]Target{
		"ID|First name|Last name|Work phone|Mobile|Work e-mail|Company|Position|Responsible person": {
			leftOut, firstName, lastName, phone, phone, email, company, position, responsible},
		"Имя|Фамилия|Рабочий телефон|Рабочий e-mail|Компания|Должность|Ответственный": {
			firstName, lastName, phone, email, company, position, responsible},
		"Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Associated Company|Job Title": {
			leftOut, firstName, lastName, email, phone, responsible, company, position},
		"Person - Name|Person - Phone - Work|Person - Email - Work|Organization - Name|Person - Owner": {
			name, phone, email, company, responsible},
		"First Name|Last Name|Account Name|Email|Phone|Assigned User|Description": {
			firstName, lastName, company, email, phone, responsible, comment},
		"Nume|Telefon|Adresa de mail|Firma|Funcție": {name, phone, email, company, position},
	} {
		if got := Guess(record.Contact, strings.Split(file, "|"), nil); !slices.Equal(got, want) {
			t.Errorf("%s\n got %q\nwant %q", file, got, want)
		}
	}
}

// BenchmarkImport tells how many lines a second become contacts.
func BenchmarkImport(b *testing.B) {
	for engine, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			d := newDesk(b, open(b))
			d.part = partLines
			const n = 10_000
			for round := range b.N {
				var file strings.Builder
				file.WriteString("First Name,Last Name,Phone,Email,Company\n")
				for i := range n {
					fmt.Fprintf(&file, "Ana%d,Pop%d,07%02d%06d,a%d.%d@client.test,Firm %d\n", i%700, i, 20+round%60, i,
						round, i, i%500)
				}
				i := d.bring(record.Contact, Skip, file.String())
				if i.Made != n {
					b.Fatalf("%+v", i)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
