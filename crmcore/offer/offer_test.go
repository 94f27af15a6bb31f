package offer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/person"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// desk is a company with two sellers, each of whom sees only what is his own.
type desk struct {
	*testing.T
	*Offers
	db             *store.DB
	core           *crmcore.Core
	root, ana, dan people.User
	deal           crmcore.Deal // Ana's
	told           []record.Ref
}

func each(t *testing.T, test func(d *desk)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{}, slog.New(slog.DiscardHandler),
			prometheus.NewRegistry())
		d := &desk{T: t, db: db, core: core}
		var mu sync.Mutex
		d.Offers = New(db, time.UTC, func(_ context.Context, refs []record.Ref) {
			mu.Lock()
			defer mu.Unlock()
			d.told = append(d.told, refs...)
		})
		d.now = func() time.Time { return time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC) }
		d.root, d.ana, d.dan = d.user("root", people.Admin), d.user("ana", people.Staff), d.user("dan", people.Staff)
		_, err := d.SaveSettings(t.Context(), d.root, Settings{Company: Company{Name: "Acme", Bank: "RO49"},
			Language: "ro", Currency: "RON", Tax: 2100,
			ValidDays: 10, DueDays: 5, OfferPrefix: "O-", InvoicePrefix: "I-"})
		d.must(err)
		_, err = core.SavePipeline(t.Context(), d.root, crmcore.Pipeline{Name: "Sales",
			Stages: []crmcore.Stage{{Name: "New", Kind: "open"}}})
		d.must(err)
		firm, err := core.CreateCompany(t.Context(), d.ana, crmcore.Company{Name: "Client SRL",
			Fields: record.Values{"postal_address": {"Str. Lungă 1, Brașov"}, "vat_number": {"RO123"}}})
		d.must(err)
		maria, err := core.CreateContact(t.Context(), d.ana, crmcore.Contact{Name: "Maria Pop",
			Points: []record.Point{{Kind: address.Email, Raw: "maria@client.ro"}}})
		d.must(err)
		d.deal, err = core.CreateDeal(t.Context(), d.ana, crmcore.Deal{Title: "Phones", Contact: maria.ID,
			Company: firm.ID, Currency: "EUR"})
		d.must(err)
		test(d)
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) user(login string, role people.Role) people.User {
	d.Helper()
	u := people.NewUser{User: people.User{Login: login, Name: login, Email: login + "@ours.ro", Role: role,
		Access: people.AccessOwn}, Password: "correct horse"}
	made, err := d.core.CreateUser(d.Context(), people.System(), u)
	d.must(err)
	return made
}

func some() []Line {
	return []Line{{Name: "Phone", Unit: "pcs", Quantity: 2500, Price: 19_99, Discount: 1000, Tax: 2100}}
}

func (d *desk) make(kind Kind) Offer {
	d.Helper()
	o, err := d.Create(d.Context(), d.ana, Offer{Kind: kind, Deal: d.deal.ID, Lines: some()})
	d.must(err)
	return o
}

func (d *desk) put(o Offer, to State) Offer {
	d.Helper()
	o, err := d.Put(d.Context(), d.ana, o.ID, to, "")
	d.must(err)
	return o
}

func (d *desk) timeline() (titles []string) {
	d.Helper()
	page, err := d.core.Timeline(d.Context(), d.ana, record.Deal.Ref(d.deal.ID), record.Page{Limit: 100})
	d.must(err)
	for _, a := range page.Items {
		if a.Made != nil && a.Made.What == "document" {
			titles = append(titles, a.Title)
		}
	}
	slices.Reverse(titles)
	return titles
}

// An offer knows its client, is sent, accepted and becomes an invoice, which keeps its number and the company as it
// was, whatever changes later; each step stands on the deal's timeline and is told to programs.
func TestFromOfferToPaidInvoice(t *testing.T) {
	each(t, func(d *desk) {
		o := d.make(Quote)
		if o.Client != "Client SRL\nMaria Pop\nStr. Lungă 1, Brașov\nRO123" || o.Email != "maria@client.ro" {
			t.Errorf("for %q, %q", o.Client, o.Email)
		}
		if o.Number != "O-2026-0001" || o.Language != "ro" || o.Currency != "EUR" || o.Date != "2026-12-31" ||
			o.Until != "2027-01-10" || o.Totals.Total != 54_43 || o.Lines[0].Net != 44_98 {
			t.Errorf("%+v", o)
		}
		o = d.put(o, Sent)
		if _, err := d.Save(t.Context(), d.ana, o); !errors.Is(err, ErrFixed) {
			t.Errorf("a sent offer is changed: %v", err)
		}
		if err := d.Delete(t.Context(), d.ana, o.ID); !errors.Is(err, ErrFixed) {
			t.Errorf("a sent offer is deleted: %v", err)
		}
		o = d.put(o, Accepted)
		o = d.put(o, Sent)
		o = d.put(o, Accepted)
		if o.SentAt.IsZero() || o.Decided.IsZero() {
			t.Errorf("%+v", o)
		}
		inv, err := d.Copy(t.Context(), d.ana, o.ID, Invoice)
		d.must(err)
		if inv.Number != "" || inv.From != o.ID || inv.Totals.Total != o.Totals.Total || inv.Client != o.Client ||
			inv.State != Draft {
			t.Errorf("%+v", inv)
		}
		if _, err := d.Put(t.Context(), d.ana, inv.ID, Paid, ""); !errors.Is(err, ErrState) {
			t.Errorf("a draft is paid: %v", err)
		}
		inv = d.put(inv, Issued)
		s, err := d.Settings(t.Context())
		d.must(err)
		s.Name = "Another"
		_, err = d.SaveSettings(t.Context(), d.root, s)
		d.must(err)
		inv, err = d.Offer(t.Context(), d.ana, inv.ID)
		if d.must(err); inv.Number != "I-2026-0001" || inv.Issuer.Name != "Acme" {
			t.Errorf("%+v of %+v", inv, inv.Issuer)
		}
		paid, err := d.Put(t.Context(), d.ana, inv.ID, Paid, "2027-01-02")
		d.must(err)
		if paid.PaidOn != "2027-01-02" || d.put(paid, Issued).PaidOn != "" {
			t.Errorf("%+v", paid)
		}
		if d.put(inv, Cancelled).Number != "I-2026-0001" {
			t.Error("a cancelled invoice has no number")
		}
		if _, err := d.Put(t.Context(), d.ana, inv.ID, Issued, ""); !errors.Is(err, ErrState) {
			t.Errorf("a cancelled invoice is back: %v", err)
		}
		want := []string{"offer O-2026-0001 created", "offer O-2026-0001 sent", "offer O-2026-0001 accepted",
			"offer O-2026-0001 reopened", "offer O-2026-0001 accepted", "invoice created", "invoice I-2026-0001 issued",
			"invoice I-2026-0001 paid", "invoice I-2026-0001 reopened", "invoice I-2026-0001 cancelled"}
		if got := d.timeline(); !slices.Equal(got, want) {
			t.Errorf("told %q", got)
		}
		var told int
		d.must(d.db.QueryRow(t.Context(), `SELECT COUNT(*) FROM outbox WHERE type IN ('offer.created', 'offer.sent',
			'offer.accepted', 'offer.reopened', 'invoice.created', 'invoice.issued', 'invoice.paid', 'invoice.cancelled',
			'invoice.reopened')`).Scan(&told))
		if told != len(want) || len(d.told) < len(want) {
			t.Errorf("%d events, %d notices", told, len(d.told))
		}
	})
}

// Invoices issued at once, some of which fail on the way, have all numbers from one on.
func TestNumbersWithoutGap(t *testing.T) {
	each(t, func(d *desk) {
		const n = 12
		var ids []string
		for i := range n {
			o := Offer{Kind: Invoice, Deal: d.deal.ID, Lines: some()}
			if i%4 == 3 {
				o.Lines = nil // is refused
			}
			made, err := d.Create(t.Context(), d.ana, o)
			d.must(err)
			ids = append(ids, made.ID)
		}
		var all sync.WaitGroup
		for _, id := range ids {
			all.Go(func() { // twice: a double click
				for range 2 {
					d.Put(t.Context(), d.ana, id, Issued, "")
				}
			})
		}
		for range 3 { // a transaction that takes a number and is given up
			all.Go(func() {
				d.db.Tx(t.Context(), func(tx *store.Tx) error {
					_, err := d.number(t.Context(), tx, Invoice, "I-")
					return errors.Join(err, errors.New("given up"))
				})
			})
		}
		all.Wait()
		list, _, err := d.List(t.Context(), d.ana, Filter{Deal: d.deal.ID, State: Issued, Limit: 100})
		d.must(err)
		var numbers []string
		for _, o := range list {
			numbers = append(numbers, o.Number)
		}
		slices.Sort(numbers)
		var want []string
		for i := range n - n/4 {
			want = append(want, fmt.Sprintf("I-2026-%04d", i+1))
		}
		if !slices.Equal(numbers, want) {
			t.Errorf("issued %q", numbers)
		}
		d.now = func() time.Time { return time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) }
		if o := d.put(d.make(Invoice), Issued); o.Number != "I-2027-0001" {
			t.Errorf("the first of a year is %s", o.Number)
		}
	})
}

// Who does not see a deal does neither see nor touch its offers, by whatever door.
func TestWhoSeesTheDeal(t *testing.T) {
	each(t, func(d *desk) {
		o := d.make(Quote)
		ctx := t.Context()
		for what, try := range map[string]func(people.User) error{
			"read": func(u people.User) error { _, err := d.Offer(ctx, u, o.ID); return err },
			"list": func(u people.User) error {
				_, _, err := d.List(ctx, u, Filter{Deal: d.deal.ID, Limit: 5})
				return err
			},
			"create": func(u people.User) error { _, err := d.Create(ctx, u, Offer{Deal: d.deal.ID}); return err },
			"save":   func(u people.User) error { _, err := d.Save(ctx, u, o); return err },
			"copy":   func(u people.User) error { _, err := d.Copy(ctx, u, o.ID, Invoice); return err },
			"put":    func(u people.User) error { _, err := d.Put(ctx, u, o.ID, Sent, ""); return err },
			"goes":   func(u people.User) error { return d.Goes(ctx, u, o.ID, "<1@x>") },
			"delete": func(u people.User) error { return d.Delete(ctx, u, o.ID) },
		} {
			if err := try(d.dan); !errors.Is(err, people.ErrForbidden) {
				t.Errorf("%s by a stranger: %v", what, err)
			}
		}
		if list, _, err := d.List(ctx, d.dan, Filter{Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("a stranger lists %+v, %v", list, err)
		}
		if list, _, err := d.List(ctx, d.ana, Filter{Limit: 5}); err != nil || len(list) != 1 {
			t.Errorf("one lists %+v, %v", list, err)
		}
		now, err := d.Offer(ctx, d.ana, o.ID)
		d.must(err)
		o.Note = "first"
		if _, err := d.Save(ctx, d.ana, o); err != nil {
			t.Error(err)
		}
		now.Note = "second"
		if _, err := d.Save(ctx, d.ana, now); !errors.Is(err, record.ErrConflict) {
			t.Errorf("another's change is lost: %v", err)
		}
		for what, err := range map[string]error{
			"product": func() error {
				_, err := d.SaveProduct(ctx, d.ana, Product{Name: "x", Currency: "EUR"})
				return err
			}(),
			"setting": func() error { _, err := d.SaveSettings(ctx, d.ana, fresh()); return err }(),
			"logo":    func() error { _, err := d.SaveLogo(ctx, d.ana, nil); return err }(),
			"removal": d.DeleteProduct(ctx, d.ana, "x"),
		} {
			if !errors.Is(err, people.ErrForbidden) {
				t.Errorf("%s by a seller: %v", what, err)
			}
		}
	})
}

// The mail that takes an offer makes it sent when it goes, once; a draft that was changed meanwhile is not what went.
func TestMailTakesAnOffer(t *testing.T) {
	each(t, func(d *desk) {
		o := d.make(Quote)
		d.must(d.Goes(t.Context(), d.ana, o.ID, "a@ours"))
		o.Note = "more"
		_, err := d.Save(t.Context(), d.ana, o)
		d.must(err)
		if gone, err := d.Went(t.Context(), "a@ours"); err != nil || gone != nil {
			t.Errorf("an older one went: %+v, %v", gone, err)
		}
		d.must(d.Goes(t.Context(), d.ana, o.ID, "b@ours"))
		for range 2 {
			if gone, err := d.Went(t.Context(), "b@ours"); err != nil || *gone != (Gone{d.deal.ID, d.ana.ID}) {
				t.Errorf("%+v, %v", gone, err)
			}
		}
		o, err = d.Offer(t.Context(), d.ana, o.ID)
		if d.must(err); o.State != Sent || o.SentAt.IsZero() {
			t.Errorf("%+v", o)
		}
		if got := d.timeline(); !slices.Equal(got, []string{"offer O-2026-0001 created", "offer O-2026-0001 sent"}) {
			t.Errorf("told %q", got)
		}
		inv := d.make(Invoice)
		if err := d.Goes(t.Context(), d.ana, inv.ID, "c@ours"); !errors.Is(err, ErrState) {
			t.Errorf("a draft of an invoice goes out: %v", err)
		}
		d.put(inv, Issued)
		d.must(d.Goes(t.Context(), d.ana, inv.ID, "c@ours"))
		_, err = d.Went(t.Context(), "c@ours")
		d.must(err)
		if inv, err = d.Offer(t.Context(), d.ana, inv.ID); err != nil || inv.State != Issued || inv.SentAt.IsZero() {
			t.Errorf("%+v, %v", inv, err)
		}
	})
}

// Offers go into the bin with their deal and come back with it. When it is deleted for good they go, too, but for
// invoices that have a number: those stay for administrators.
func TestOffersGoWithTheirDeal(t *testing.T) {
	each(t, func(d *desk) {
		ctx, ref := t.Context(), record.Deal.Ref(d.deal.ID)
		o, inv := d.make(Quote), d.put(d.make(Invoice), Issued)
		d.make(Invoice)
		d.must(d.core.Delete(ctx, d.ana, ref))
		if _, err := d.Offer(ctx, d.ana, o.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("seen without its deal: %v", err)
		}
		_, err := d.core.Restore(ctx, d.ana, d.deal.ID)
		d.must(err)
		if _, err := d.Offer(ctx, d.ana, o.ID); err != nil {
			t.Error(err)
		}
		d.must(d.core.Delete(ctx, d.ana, ref))
		d.must(d.db.Tx(ctx, func(tx *store.Tx) error { return bin.Erase(ctx, tx, ref) }))
		list, _, err := d.List(ctx, d.root, Filter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].ID != inv.ID {
			t.Errorf("left %+v, %v", list, err)
		}
		if list, _, err := d.List(ctx, d.ana, Filter{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("a seller sees %+v, %v", list, err)
		}
		paid, err := d.Put(ctx, d.root, inv.ID, Paid, "")
		if err != nil || len(paid.Lines) != 1 {
			t.Errorf("%+v, %v", paid, err)
		}
		var lines int
		d.must(d.db.QueryRow(ctx, "SELECT COUNT(*) FROM offer_line").Scan(&lines))
		if lines != 1 {
			t.Errorf("%d lines", lines)
		}
	})
}

// Products are found by any part of their words; a SKU is one product's.
func TestProducts(t *testing.T) {
	each(t, func(d *desk) {
		ctx := t.Context()
		add := func(p Product) Product {
			t.Helper()
			p.Currency = "EUR"
			p, err := d.SaveProduct(ctx, d.root, p)
			d.must(err)
			return p
		}
		phone := add(Product{Name: "Telefon fără fir", SKU: "TX-100", Price: 99_90, Tax: 2100, Active: true})
		add(Product{Name: "Căști 100%", SKU: "H_1", Active: true})
		add(Product{Name: "Old", Active: false})
		find := func(f ProductFilter) (names []string) {
			t.Helper()
			f.Limit = max(f.Limit, 1)
			for {
				list, next, err := d.Products(ctx, f)
				d.must(err)
				for _, p := range list {
					names = append(names, p.Name)
				}
				if f.After = next; next == "" {
					return names
				}
			}
		}
		const set, wireless = "Căști 100%", "Telefon fără fir"
		for text, want := range map[string][]string{"": {set, wireless}, "FARA tel": {wireless}, "x-1": {wireless},
			"100%": {set}, "h_1": {set}, "_": {set}, "old": nil} {
			if got := find(ProductFilter{Search: text}); !slices.Equal(got, want) {
				t.Errorf("%q finds %q", text, got)
			}
		}
		if got := find(ProductFilter{All: true, Limit: 2}); len(got) != 3 {
			t.Errorf("all: %q", got)
		}
		var wrong *input.Invalid
		_, err := d.SaveProduct(ctx, d.root, Product{Name: "x", SKU: "TX-100", Currency: "EUR"})
		if !errors.As(err, &wrong) || wrong.Field != "sku" {
			t.Errorf("a SKU twice: %v", err)
		}
		phone.Price = 1
		if kept, err := d.SaveProduct(ctx, d.root, phone); err != nil || kept.Price != 1 {
			t.Errorf("%+v, %v", kept, err)
		}
		d.must(d.DeleteProduct(ctx, d.root, phone.ID))
		if err := d.DeleteProduct(ctx, d.root, phone.ID); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	})
}

// What can't be is refused, in words that name the place; a company that switched offers off has none.
func TestRefused(t *testing.T) {
	each(t, func(d *desk) {
		with := func(change func(*Offer)) error {
			o := Offer{Deal: d.deal.ID, Lines: some()}
			change(&o)
			_, err := d.Create(t.Context(), d.ana, o)
			return err
		}
		for field, change := range map[string]func(*Offer){
			"kind":              func(o *Offer) { o.Kind = "letter" },
			"language":          func(o *Offer) { o.Language = "xx" },
			"currency":          func(o *Offer) { o.Currency = "eur" },
			"until":             func(o *Offer) { o.Until = "2020-01-01" },
			"date":              func(o *Offer) { o.Date = "soon" },
			"lines[0].quantity": func(o *Offer) { o.Lines[0].Quantity = 0 },
			"lines[0].name":     func(o *Offer) { o.Lines[0].Name = " " },
			"lines[0].discount": func(o *Offer) { o.Lines[0].Discount = 10001 },
			"lines[0].price":    func(o *Offer) { o.Lines[0].Price, o.Lines[0].Quantity = 1e12, 1e9 },
			"lines":             func(o *Offer) { o.Lines[0].Price = -1 },
			"note":              func(o *Offer) { o.Note = strings.Repeat("x", 4001) },
		} {
			var wrong *input.Invalid
			if err := with(change); !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		empty, err := d.Create(t.Context(), d.ana, Offer{Deal: d.deal.ID})
		d.must(err)
		if _, err := d.Put(t.Context(), d.ana, empty.ID, Sent, ""); err == nil {
			t.Error("nothing is sent")
		}
		s, err := d.Settings(t.Context())
		d.must(err)
		s.Off = true
		_, err = d.SaveSettings(t.Context(), d.root, s)
		d.must(err)
		if _, err := d.Offer(t.Context(), d.ana, empty.ID); !errors.Is(err, ErrOff) {
			t.Error(err)
		}
		if _, _, err := d.Products(t.Context(), ProductFilter{Limit: 1}); !errors.Is(err, ErrOff) {
			t.Error(err)
		}
	})
}

// A logo is a picture that is written anew; what left the house keeps the one it had.
func TestLogo(t *testing.T) {
	each(t, func(d *desk) {
		var file bytes.Buffer
		d.must(png.Encode(&file, image.NewGray16(image.Rect(0, 0, 20, 10))))
		for what, bad := range map[string][]byte{"text": []byte("<svg/>"), "half": file.Bytes()[:60],
			"large": bytes.Repeat([]byte("x"), MaxLogo+1)} {
			if _, err := d.SaveLogo(t.Context(), d.root, bad); err == nil {
				t.Errorf("%s is a logo", what)
			}
		}
		s, err := d.SaveLogo(t.Context(), d.root, file.Bytes())
		d.must(err)
		o := d.put(d.make(Quote), Sent)
		if got, err := d.SaveLogo(t.Context(), d.root, nil); err != nil || got.Logo != "" || got.Name != "Acme" {
			t.Errorf("%+v, %v", got, err)
		}
		o, err = d.Offer(t.Context(), d.ana, o.ID)
		if d.must(err); o.Issuer.Logo != s.Logo {
			t.Errorf("its logo is %q", o.Issuer.Logo)
		}
		l, err := d.Logo(t.Context(), s.Logo)
		d.must(err)
		_, format, err := image.Decode(bytes.NewReader(l.Content))
		if err != nil || format != "png" || l.Type != "image/png" {
			t.Errorf("%s, %v", format, err)
		}
	})
}

// Who is erased is taken off the offers of his deals; an issued invoice keeps his name, and is counted before.
func TestErasedPersonStaysOnInvoices(t *testing.T) {
	each(t, func(d *desk) {
		ctx := t.Context()
		o, inv := d.make(Quote), d.put(d.make(Invoice), Issued)
		o.Note = "For Maria Pop"
		_, err := d.Save(ctx, d.ana, o)
		d.must(err)
		p, err := person.Find(ctx, d.db, d.root, record.Contact.Ref(d.deal.Contact), nil)
		d.must(err)
		if p.Documents != 2 || p.Invoices != 1 || len(p.Papers()) != 2 {
			t.Errorf("found %+v", p)
		}
		d.must(d.db.Tx(ctx, func(tx *store.Tx) error { return person.Erase(ctx, tx, d.root, p) }))
		o, err = d.Offer(ctx, d.ana, o.ID)
		d.must(err)
		if strings.Contains(o.Client+o.Email+o.Note, "aria") {
			t.Errorf("still named: %q, %q, %q", o.Client, o.Email, o.Note)
		}
		kept, err := d.Offer(ctx, d.ana, inv.ID)
		if d.must(err); kept.Client != inv.Client {
			t.Errorf("an issued invoice is for %q", kept.Client)
		}
	})
}
