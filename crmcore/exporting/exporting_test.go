package exporting

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/xuri/excelize/v2"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/importing/sheet"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// What one may read comes out whole, over several pages, in both formats, and an import knows it again.
func TestWhatIsExportedCanBeImported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		zone := time.FixedZone("there", 2*3600)
		core := crmcore.New(db, crmcore.Config{KnownPasswords: true, Zone: zone}, crmcore.Hooks{},
			slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		user := func(login string) people.User {
			u, err := core.CreateUser(t.Context(), people.System(), people.NewUser{User: people.User{Login: login,
				Name: strings.ToUpper(login), Role: people.Staff, Access: people.AccessOwn, Active: true},
				Password: "correct horse"})
			must(err)
			return u
		}
		ana, bogdan := user("ana"), user("bogdan")
		floor, err := core.SaveField(t.Context(), people.System(), field.Field{Name: "Floor", Type: field.Number,
			Kinds: []record.Kind{record.Contact}})
		must(err)
		_, err = core.CreateContact(t.Context(), ana, crmcore.Contact{Name: "=1+1", Fields: record.Values{
			floor.ID: {"3"}}, Points: []record.Point{{Kind: "phone", Raw: "+40722000001"},
			{Kind: "phone", Raw: "+40722000002"}, {Kind: "email", Raw: "a@client.test"}}})
		must(err)
		for _, of := range []people.User{ana, bogdan} {
			_, err = core.CreateContact(t.Context(), of, crmcore.Contact{Name: "Of " + of.Name})
			must(err)
		}
		e := New(core)
		f := record.Filter{Order: record.ByName}
		for _, format := range []Format{CSV, XLSX} {
			var out bytes.Buffer
			must(e.Write(t.Context(), ana, record.Contact, f, format, &out))
			s, err := sheet.Read(out.Bytes())
			must(err)
			at := slices.Index(s.Columns, "Floor")
			if at < 0 || len(s.Lines) != 2 || s.Lines[0][1] != "=1+1" || s.Lines[1][1] != "Of ANA" ||
				s.Lines[0][4] != "+40722000001; +40722000002" || s.Lines[0][7] != "ANA" || s.Lines[0][at] != "3" {
				t.Errorf("%s: %q", format, s.Lines)
			}
			if at, err := time.ParseInLocation(timeLayout, s.Lines[0][8], zone); err != nil ||
				time.Since(at).Abs() > time.Hour {
				t.Errorf("%s: made at %q", format, s.Lines[0][8])
			}
			fields, err := core.Fields(t.Context())
			must(err)
			want := []importing.Target{"", "name", "position", "company", "phone", "email", "comment", "responsible"}
			got := importing.Guess(record.Contact, s.Columns, fields)
			if !slices.Equal(got[:len(want)], want) || got[at] != importing.Target("field:"+floor.ID) {
				t.Errorf("%s: headings %q are %q", format, s.Columns, got)
			}
		}
	})
}

// Numbers and times of a workbook are such, and a full sheet is followed by another.
func TestWorkbook(t *testing.T) {
	var out bytes.Buffer
	x := newXLSX(&out, time.UTC)
	for _, line := range [][]any{{"Amount", "Created"}, {1200.5, time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)}} {
		if err := x.line(line); err != nil {
			t.Fatal(err)
		}
	}
	x.n = sheetLines
	if err := x.line([]any{1.0, time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := x.end(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := book.GetCellType("Sheet1", "A2")
	shown, _ := book.GetCellValue("Sheet1", "B2")
	second, _ := book.GetRows("Sheet2")
	if kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString || shown != "2026-11-30 10:00" ||
		len(second) != 2 || second[0][0] != "Amount" {
		t.Errorf("kind %v, shown %q, second %q", kind, shown, second)
	}
}
