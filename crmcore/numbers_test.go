package crmcore

import (
	"cmp"
	_ "embed"
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

//go:embed testdata/numbers.tsv
var numbersTable string

// Each row: what is typed into a record, who calls, and whether the record's card opens for sure, maybe, or the input
// is refused.
func TestNumbersAsTypedAndAsSent(t *testing.T) {
	each(t, func(o *office) {
		for i, line := range strings.Split(strings.TrimSpace(numbersTable), "\n") {
			row := strings.Split(line, "\t")
			if strings.HasPrefix(line, "#") {
				continue
			}
			typed, in, _ := strings.Cut(row[1], " (region ")
			o.cfg.Region = cmp.Or(strings.TrimSuffix(in, ")"), "RO")
			want, _, _ := strings.Cut(row[3], ":")
			made, err := o.CreateCompany(o.ctx, o.root,
				Company{Name: row[0], Points: points(typed), Responsible: o.seller.ID})
			var bad *input.Invalid
			if strings.HasPrefix(row[3], "a clear error") || strings.HasPrefix(row[3], "the same") {
				if !errors.As(err, &bad) || bad.Field != "points[0]" {
					o.Errorf("%s: %v", row[0], err)
				}
				continue
			}
			if err != nil {
				o.Errorf("%s: %v", row[0], err)
				continue
			}
			a, err := address.ParsePhone(row[2], "RO")
			if err != nil && !errors.Is(err, address.ErrNumber) { // that one is matched by its end
				o.Fatal(err)
			}
			f, err := Touch{Channel: timeline.Call, Key: line, Client: a, At: time.Now()}.question().Who(o.ctx, o.db)
			o.must(err)
			mine := len(f.Hits) == 1 && f.Hits[0].ID == made.ID
			if string(f.Match) != want || mine != (want != "none") {
				o.Errorf("row %d, %s: %s %+v, want %s", i, row[0], f.Match, f.Hits, want)
			}
			o.must(o.Delete(o.ctx, o.root, record.Company.Ref(made.ID)))
		}
	})
}

// A number that is not one of the region is kept of a lead as it was typed; whose number ends so is maybe he.
func TestNumberKeptAsTyped(t *testing.T) {
	each(t, func(o *office) {
		lead, err := o.CreateLead(o.ctx, o.seller, Lead{Title: "From Moldova", Points: points("069550104")})
		o.must(err)
		if p := lead.Points[0]; p.Value != "" || p.Raw != "069550104" {
			o.Errorf("kept as %+v", p)
		}
		if card := o.receive(o.call("c1", "+37369550104")); card.Match != Maybe || names(card) != "From Moldova" ||
			card.Lead != "" {
			o.Errorf("%s %q", card.Match, names(card))
		}
	})
}

func TestMailboxesAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		o.contact("Ion", "i.on.pop+shop@gmail.com")
		o.contact("Ana", "ana@firm.ro")
		_, err := db.Exec(o.ctx, "UPDATE contact_point SET reversed = $1", []byte{}) // as the version before wrote them
		o.must(err)
		o.must(o.Backfill(o.ctx))
		for _, row := range [][3]string{
			{"ionpop@googlemail.com", "maybe", "Ion"}, {"I.O.N.Pop+a@gmail.com", "maybe", "Ion"},
			{"i.on.pop+shop@gmail.com", "exact", "Ion"},
			{"ana+x@firm.ro", "maybe", "Ana"}, {"a.na@firm.ro", "none", ""}, {"ionpop@firm.ro", "none", ""},
		} {
			a, err := address.ParseEmail(row[0])
			o.must(err)
			f, err := Touch{Channel: timeline.Mail, Key: row[0], Client: a, At: time.Now()}.question().Who(o.ctx, o.db)
			o.must(err)
			if string(f.Match) != row[1] || len(f.Hits) > 1 || (len(f.Hits) == 1) != (row[2] != "") {
				o.Errorf("%s: %s %+v", row[0], f.Match, f.Hits)
			}
		}
	})
}

func TestTooManyDigitsMakeNoLead(t *testing.T) {
	each(t, func(o *office) {
		for _, from := range []string{"1234567890123456", "+407215501150000000", "12345", "1"} {
			a, _ := address.ParsePhone(from, "RO")
			_, d, err := o.DryRun(o.ctx,
				Touch{Channel: timeline.Call, Key: from, Incoming: true, Client: a, At: time.Now()})
			if o.must(err); d.Create {
				o.Errorf("%s makes a lead", from)
			}
		}
	})
}

// A client's number that a colleague enters again leads to the client's own responsible user still, and both records
// tell of it.
func TestAClaimedNumberStaysItsClients(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contactOf(o.seller, Contact{Name: "Ana"}, "+54 11 2345 6781", "ana@firm.ro")
		for _, row := range [][2]string{{"phone", "+54 9 11 2345 6781"}, {"email", "Ana@Firm.ro"}} {
			known, err := o.KnownAs(o.ctx, o.other, record.Point{Kind: address.Kind(row[0]), Raw: row[1]}, record.Ref{})
			if o.must(err); len(known.Records) != 0 || len(known.Others) != 1 || known.Others[0] != o.seller.ID {
				o.Errorf("while typing: %+v", known)
			}
			known, err = o.KnownAs(o.ctx, o.seller, record.Point{Kind: address.Kind(row[0]), Raw: row[1]}, record.Ref{})
			if o.must(err); len(known.Records) != 1 || known.Records[0].Name != "Ana" || len(known.Others) != 0 {
				o.Errorf("while the owner types: %+v", known)
			}
		}
		mine, err := o.CreateContact(o.ctx, o.other,
			Contact{Name: "Ana?", Points: points("+54 9 11 2345 6781", "ana@firm.ro", "0722 000 001")})
		o.must(err)
		_, err = o.CreateDeal(o.ctx, o.other, Deal{Title: "Grab", Contact: mine.ID})
		o.must(err)
		mine.Position = "edited"
		mine, err = o.UpdateContact(o.ctx, o.other, mine)
		o.must(err)
		if p := mine.Points; !p[0].Claimed || !p[1].Claimed || p[2].Claimed {
			o.Errorf("points %+v", p)
		}
		for _, t := range []Touch{o.call("c1", "+5491123456781"), o.mail("m1", "ana@firm.ro")} {
			if card := o.receive(t); names(card) != "Ana" || card.Responsible != o.seller.ID ||
				len(o.timeline(record.Contact.Ref(mine.ID), string(t.Channel))) != 0 {
				o.Errorf("%s: %q of %s", t.Channel, names(card), card.Responsible)
			}
		}
		for _, ref := range []record.Ref{record.Contact.Ref(ana.ID), record.Contact.Ref(mine.ID)} {
			if got := untraited(o.timeline(ref, "change")); len(got) != 2 || got[1].Made.What != "claimed" ||
				got[1].Made.To != "OTHER" || got[1].Made.From != "SELLER" {
				o.Errorf("written down: %+v", got)
			}
		}
		if card := o.receive(o.call("c2", "0722000001")); names(card) != "Ana?" {
			o.Errorf("a number of its own: %q", names(card))
		}
		o.must(o.Delete(o.ctx, o.root, record.Contact.Ref(ana.ID)))
		if card := o.receive(o.call("c3", "+541123456781")); names(card) != "Ana?" {
			o.Errorf("once nobody else has it: %q", names(card))
		}
	})
}
