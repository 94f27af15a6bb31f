package crmcore

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
)

func TestContactRoundTrip(t *testing.T) {
	each(t, func(o *office) {
		in := Contact{Name: "  Ana Pop ", Position: "CTO",
			Points: points("0722/111 222", "+40 722 111 222", "Ana@Firm.ro"), Comment: "likes tea"}
		made, err := o.CreateContact(o.ctx, o.seller, in)
		o.must(err)
		if made.Name != "Ana Pop" || made.Responsible != o.seller.ID || len(made.Points) != 2 ||
			made.Points[0].Value != "+40722111222" || made.Points[1].Value != "ana@firm.ro" ||
			made.Points[0].Raw != "0722/111 222" {
			o.Errorf("made %+v", made)
		}
		read, err := o.Contact(o.ctx, o.seller, made.ID)
		o.must(err)
		read.Name, read.Points = "Ana Popa", read.Points[1:]
		changed, err := o.UpdateContact(o.ctx, o.seller, read)
		o.must(err)
		if changed.Name != "Ana Popa" || len(changed.Points) != 1 || !changed.Updated.After(read.Updated) {
			o.Errorf("changed %+v", changed)
		}
		if _, err := o.UpdateContact(o.ctx, o.seller, read); !errors.Is(err, record.ErrConflict) {
			o.Errorf("stale update: %v", err)
		}
		for field, bad := range map[string]Contact{"name": {}, "points[0]": {Name: "x", Points: points("201")},
			"points[1]": {Name: "x", Points: points("a@b.ro", "b@")},
			"company":   {Name: "x", Company: "nowhere"}, "responsible": {Name: "x", Responsible: "nobody"},
			"comment": {Name: "x", Comment: strings.Repeat("x", input.MaxComment+1)}} {
			_, err := o.CreateContact(o.ctx, o.root, bad)
			wantInvalid(o.T, err, field)
		}
		_, err = o.CreateContact(o.ctx, o.root, Contact{Name: "x", Points: points(ownNumber)})
		wantInvalid(o.T, err, "points[0]")
		o.must(o.Delete(o.ctx, o.seller, record.Contact.Ref(made.ID)))
		if _, err := o.Contact(o.ctx, o.root, made.ID); !errors.Is(err, ErrNotFound) {
			o.Errorf("after deletion: %v", err)
		}
		if card := o.receive(o.mail("m", "ana@firm.ro")); card.Match != None {
			o.Errorf("a deleted contact still matches: %+v", card)
		}
	})
}

func TestAccess(t *testing.T) {
	each(t, func(o *office) {
		below := o.user("below", people.Staff, o.team, people.AccessAll)
		loose := o.user("loose", people.Staff, "", people.AccessDepartment)
		for _, owner := range []people.User{o.root, o.chief, o.seller, o.other} {
			o.contactOf(owner, Contact{Name: owner.Login})
		}
		for _, row := range []struct {
			actor people.User
			sees  string
		}{{o.root, "root chief seller other"}, {below, "root chief seller other"}, {o.chief, "chief seller"},
			{o.seller, "seller"}, {o.other, "other"}, {loose, ""}} {
			list, err := o.Contacts(o.ctx, row.actor, record.Filter{})
			o.must(err)
			var sees []string
			for _, x := range slices.Backward(list.Items) {
				sees = append(sees, x.Name)
			}
			if strings.Join(sees, " ") != row.sees {
				o.Errorf("%s sees %v, want %s", row.actor.Login, sees, row.sees)
			}
			checkReach(o, row.actor, row.sees)
		}
	})
}

// checkReach tries every way to one record.
func checkReach(o *office, actor people.User, sees string) {
	everything, err := o.Contacts(o.ctx, o.root, record.Filter{})
	o.must(err)
	for _, x := range everything.Items {
		ref := record.Contact.Ref(x.ID)
		_, read := o.Contact(o.ctx, actor, x.ID)
		_, timeline := o.Timeline(o.ctx, actor, ref, record.Page{})
		_, card := o.Core.Card(o.ctx, actor, ref)
		_, note := o.AddNote(o.ctx, actor, ref, "note")
		_, update := o.UpdateContact(o.ctx, actor, Contact{ID: x.ID, Name: x.Name})
		want := people.ErrForbidden
		if slices.Contains(strings.Fields(sees), x.Name) {
			want = nil
		}
		for i, err := range []error{read, timeline, card, note, update} {
			if !errors.Is(err, want) {
				o.Errorf("%s to %s's, way %d: %v, want %v", actor.Login, x.Name, i, err, want)
			}
		}
	}
}

func TestSearchIsFolded(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Țesătoria Mică", Responsible: o.seller.ID})
		o.must(err)
		o.contactOf(o.seller, Contact{Name: "Ștefan Ionuţ-Drăgan", Company: firm.ID}, "0722 123 456",
			"stefan.d@mica.ro")
		o.contact("Фёдор Йорданов", "+7 495 123-45-67")
		o.contact("José Ångström", "jose@x.com")
		for query, want := range map[string]string{
			"stef": "Ștefan Ionuţ-Drăgan", "ŞTEFAN": "Ștefan Ionuţ-Drăgan", "drag ste": "Ștefan Ionuţ-Drăgan",
			"efan": "Ștefan Ionuţ-Drăgan", "an": "José Ångström", "fan x": "", "tesa": "Ștefan Ionuţ-Drăgan",
			"федор": "Фёдор Йорданов", "ЙОР": "Фёдор Йорданов", "иор фед": "Фёдор Йорданов", "angst": "José Ångström",
			"jose x":  "José Ångström",
			"0722 12": "Ștefan Ionuţ-Drăgan", "+40 722": "Ștefan Ionuţ-Drăgan", "722123456": "Ștefan Ionuţ-Drăgan",
			"123456": "Ștefan Ionuţ-Drăgan", "7123": "", "7495": "Фёдор Йорданов", "(495) 12": "Фёдор Йорданов",
			"stefan.d@mi": "Ștefan Ionuţ-Drăgan", "@mica.ro": "Ștefan Ionuţ-Drăgan", "%": "",
			"_tefan": "Ștefan Ionuţ-Drăgan", "рдан": "Фёдор Йорданов", "34567": "Фёдор Йорданов", "ste' OR 1": "",
		} {
			list, err := o.Contacts(o.ctx, o.seller, record.Filter{Query: query})
			o.must(err)
			var got []string
			for _, x := range list.Items {
				got = append(got, x.Name)
			}
			if strings.Join(got, ", ") != want {
				o.Errorf("search %q found %v, want %q", query, got, want)
			}
		}
	})
}

func TestPagesAreStable(t *testing.T) {
	each(t, func(o *office) {
		const n = 23
		for i := range n {
			o.contact(fmt.Sprintf("%c contact %d", "ăAâBșcЖ"[i%4], i%5))
		}
		for _, order := range []record.Order{record.Newest, record.ByName} {
			seen := map[string]bool{}
			f := record.Filter{Order: order, Page: record.Page{Limit: 5}}
			for page := 0; page == 0 || f.Cursor != ""; page++ {
				list, err := o.Contacts(o.ctx, o.seller, f)
				o.must(err)
				for _, x := range list.Items {
					if seen[x.ID] {
						o.Errorf("%s: %s twice", order, x.Name)
					}
					seen[x.ID] = true
				}
				if f.Cursor = list.Next; page == 1 {
					o.contact("0 added meanwhile") // before all pages still to come
				}
			}
			if len(seen) != n {
				o.Errorf("%s: %d of %d", order, len(seen), n)
			}
			newest, err := o.Contacts(o.ctx, o.seller, record.Filter{Page: record.Page{Limit: 1}})
			o.must(err)
			o.must(o.Delete(o.ctx, o.root, record.Contact.Ref(newest.Items[0].ID)))
		}
		_, err := o.Contacts(o.ctx, o.seller, record.Filter{Page: record.Page{Cursor: "!"}})
		wantInvalid(o.T, err, "cursor")
		_, err = o.Timeline(o.ctx, o.root, record.Company.Ref("x"), record.Page{})
		if !errors.Is(err, ErrNotFound) {
			o.Error(err)
		}
	})
}

func TestConvertLead(t *testing.T) {
	each(t, func(o *office) {
		touch := o.call("c1", number(7))
		card := o.receive(touch)
		o.receive(touch.ended("answered", 5))
		lead, err := o.Lead(o.ctx, o.root, card.Lead)
		o.must(err)
		lead.Name, lead.CompanyName, lead.Stage, lead.Responsible = "Ion", "Firm", LeadInProgress, o.seller.ID
		lead, err = o.UpdateLead(o.ctx, o.root, lead)
		o.must(err)
		_, err = o.UpdateLead(o.ctx, o.root, Lead{ID: lead.ID, Title: "x", Stage: LeadConverted})
		wantInvalid(o.T, err, "stage")
		made, err := o.ConvertLead(o.ctx, o.seller, lead.ID, Conversion{Deal: &Deal{Title: "Boat", Amount: 5}})
		o.must(err)
		if made.Contact.Name != "Ion" || made.Company.Name != "Firm" || made.Deal.Contact != made.Contact.ID ||
			made.Lead.Stage != LeadConverted || made.Contact.Responsible != o.seller.ID {
			o.Errorf("made %+v", made)
		}
		for _, ref := range []record.Ref{record.Contact.Ref(made.Contact.ID), record.Deal.Ref(made.Deal.ID),
			{Kind: record.Company, ID: made.Company.ID}} {
			if got := untraited(o.timeline(ref)); len(got) != 4 || got[3].Kind != "call" ||
				got[0].Title != "Stage: in_progress → converted" ||
				!reflect.DeepEqual(*got[0].Made, timeline.Made{What: "lead_stage",
					From: "in_progress", To: "converted"}) {
				o.Errorf("history of %s: %+v", ref.Kind, got)
			}
		}
		again := o.receive(o.call("c2", number(7)))
		if names(again) != "Ion" || again.Cards[0].Contact == nil || again.Cards[0].Why != "open_deal" {
			o.Errorf("the next call: %q", shown(again))
		}
		if got := o.timeline(record.Deal.Ref(made.Deal.ID), "call"); len(got) != 2 {
			o.Errorf("the next call is not on the only open deal: %+v", got)
		}
		_, err = o.ConvertLead(o.ctx, o.seller, lead.ID, Conversion{})
		wantInvalid(o.T, err, "stage")
	})
}

func TestConvertToExistingContact(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", number(1))
		card := o.receive(o.mail("m1", "ana@new.ro"))
		made, err := o.ConvertLead(o.ctx, o.root, card.Lead, Conversion{Contact: ana.ID})
		o.must(err)
		if len(made.Contact.Points) != 2 || made.Contact.Points[0].Value != number(1) {
			o.Errorf("points %+v", made.Contact.Points)
		}
		if next := o.receive(o.mail("m2", "ana@new.ro")); names(next) != "Ana" {
			o.Errorf("next mail: %q", shown(next))
		}
	})
}

// Nobody reads a company that he may not see by putting a contact there, nor loses what was there before.
func TestCompanyOfAnotherIsOutOfReach(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Firm", Responsible: o.other.ID})
		o.must(err)
		card := o.receive(o.call("c1", number(7)))
		o.must(o.Assign(o.ctx, o.root, record.Lead.Ref(card.Lead), o.seller.ID))
		if made, err := o.ConvertLead(o.ctx, o.seller, card.Lead, Conversion{Company: firm.ID}); !isInvalid(err,
			"company") {
			o.Errorf("a lead converted: %+v %v", made, err)
		}
		if made, err := o.CreateContact(o.ctx, o.seller, Contact{Name: "Ana", Company: firm.ID}); !isInvalid(err,
			"company") {
			o.Errorf("a contact created: %+v %v", made, err)
		}
		ana := o.contact("Ana")
		ana.Company = firm.ID
		if _, err := o.UpdateContact(o.ctx, o.seller, ana); !isInvalid(err, "company") {
			o.Errorf("a contact moved: %v", err)
		}
		ana, err = o.UpdateContact(o.ctx, o.root, ana)
		o.must(err)
		ana.Name = "Ana Pop"
		if ana, err = o.UpdateContact(o.ctx, o.seller, ana); err != nil || ana.Company != firm.ID {
			o.Errorf("left where it is: %+v %v", ana, err)
		}
		_, err = o.CreateContact(o.ctx, o.seller, Contact{Name: "Ion", Company: "nowhere"})
		wantInvalid(o.T, err, "company")
		_, err = o.ConvertLead(o.ctx, o.other, card.Lead, Conversion{Company: firm.ID})
		if !errors.Is(err, people.ErrForbidden) {
			o.Errorf("another's lead: %v", err)
		}
		o.must(o.Assign(o.ctx, o.root, record.Lead.Ref(card.Lead), o.other.ID))
		if made, err := o.ConvertLead(o.ctx, o.other, card.Lead, Conversion{Company: firm.ID}); err != nil ||
			made.Company.ID != firm.ID {
			o.Errorf("his own: %+v %v", made, err)
		}
	})
}

func TestDealsMoveAndAreHandedOver(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", number(1))
		d := o.deal("Boat", ana)
		if d.Stage != o.pipeline.Stages[0].ID || d.ContactName != "Ana" || d.Currency != "EUR" {
			o.Errorf("deal %+v", d)
		}
		due := time.Now().Add(time.Hour)
		_, err := o.AddTask(o.ctx, o.seller, record.Deal.Ref(d.ID), timeline.NewTask{Title: "Send offer", Due: &due})
		o.must(err)
		moved, err := o.MoveDeal(o.ctx, o.seller, d.ID, o.pipeline.Stages[1].ID)
		o.must(err)
		if moved.Stage != o.pipeline.Stages[1].ID || !moved.Moved.After(d.Moved) {
			o.Errorf("moved %+v", moved)
		}
		_, err = o.MoveDeal(o.ctx, o.seller, d.ID, "nowhere")
		wantInvalid(o.T, err, "stage")
		o.must(o.Assign(o.ctx, o.seller, record.Deal.Ref(d.ID), o.other.ID))
		if got := o.timeline(record.Contact.Ref(ana.ID), "change"); len(got) != 2 ||
			got[0].Title != "Responsible: SELLER → OTHER" || got[1].Title != "Stage: New → Offer" {
			o.Errorf("changes %+v", got)
		} else if !reflect.DeepEqual(got[0].Made, &timeline.Made{What: "responsible", From: "SELLER", To: "OTHER"}) ||
			!reflect.DeepEqual(got[1].Made, &timeline.Made{What: "deal_stage", From: "New", To: "Offer"}) {
			o.Errorf("made of %+v, %+v", got[0].Made, got[1].Made)
		}
		day, err := o.MyDay(o.ctx, o.other)
		o.must(err)
		if len(day.Tasks) != 1 || day.Tasks[0].Title != "Send offer" {
			o.Fatalf("the task did not go along: %+v", day)
		}
		_, err = o.SetDone(o.ctx, o.other, day.Tasks[0].ID, true)
		o.must(err)
		if day, _ = o.MyDay(o.ctx, o.other); len(day.Tasks) != 0 {
			o.Errorf("done, and still %+v", day.Tasks)
		}
		if _, err := o.Deal(o.ctx, o.seller, d.ID); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("the predecessor still sees it: %v", err)
		}
		sums, err := o.DealSums(o.ctx, o.root, record.Filter{Pipeline: o.pipeline.ID})
		o.must(err)
		if len(sums) != 1 || sums[0] != (StageSum{o.pipeline.Stages[1].ID, "EUR", 1, 100_00}) {
			o.Errorf("sums %+v", sums)
		}
		o.pipeline.Stages = slices.Delete(o.pipeline.Stages, 1, 2)
		_, err = o.SavePipeline(o.ctx, o.root, o.pipeline)
		wantInvalid(o.T, err, "stages")
		list, err := o.Deals(o.ctx, o.root, record.Filter{Query: "ana", Stage: "open", Pipeline: o.pipeline.ID})
		o.must(err)
		if len(list.Items) != 1 {
			o.Errorf("found by its contact: %+v", list)
		}
	})
}

// Nobody reads a client that he may not see by putting a deal there, nor loses the one that was there before.
func TestClientOfAnotherIsOutOfReachOfADeal(t *testing.T) {
	each(t, func(o *office) {
		theirs := o.contactOf(o.other, Contact{Name: "Theirs"})
		firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Firm", Responsible: o.other.ID})
		o.must(err)
		mine := o.deal("Mine", o.contact("Ana"))
		for _, to := range []Deal{{Contact: theirs.ID}, {Company: firm.ID}} {
			fresh, changed, field := to, mine, "contact"
			if to.Contact == "" {
				field = "company"
			}
			fresh.Title, changed.Contact, changed.Company = "Fresh", to.Contact, to.Company
			if made, err := o.CreateDeal(o.ctx, o.seller, fresh); !isInvalid(err, field) {
				o.Errorf("created: %+v %v", made, err)
			}
			if got, err := o.UpdateDeal(o.ctx, o.seller, changed); !isInvalid(err, field) {
				o.Errorf("changed: %+v %v", got, err)
			}
		}
		_, err = o.CreateDeal(o.ctx, o.seller, Deal{Title: "Fresh", Contact: "nobody"})
		wantInvalid(o.T, err, "contact")
		mine.Contact, mine.Company = theirs.ID, firm.ID
		mine, err = o.UpdateDeal(o.ctx, o.root, mine)
		o.must(err)
		mine.Title = "Still mine"
		if got, err := o.UpdateDeal(o.ctx, o.seller, mine); err != nil || got.Contact != theirs.ID ||
			got.Company != firm.ID {
			o.Errorf("left where it is: %+v %v", got, err)
		}
	})
}

func TestDealSumsAreOfTheList(t *testing.T) {
	each(t, func(o *office) {
		first, second := o.pipeline.Stages[0].ID, o.pipeline.Stages[1].ID
		theirs := o.contactOf(o.other, Contact{Name: "Theirs"})
		make := func(title string, user people.User, stage string, amount int64, currency string) {
			d := Deal{Title: title, Responsible: user.ID, Stage: stage, Pipeline: o.pipeline.ID, Amount: amount,
				Currency: currency}
			if user.ID == o.other.ID {
				d.Contact = theirs.ID
			}
			_, err := o.CreateDeal(o.ctx, o.root, d)
			o.must(err)
		}
		make("Red one", o.seller, first, 1_00, "EUR")
		make("Blue one", o.seller, first, 2_00, "EUR")
		make("Red two", o.seller, second, 4_00, "USD")
		make("Red three", o.other, first, 8_00, "EUR")
		for _, c := range []struct {
			name  string
			actor people.User
			f     record.Filter
			want  []StageSum
		}{
			{"all", o.root, record.Filter{}, []StageSum{{first, "EUR", 3, 11_00}, {second, "USD", 1, 4_00}}},
			{"only what one may read", o.seller, record.Filter{},
				[]StageSum{{first, "EUR", 2, 3_00}, {second, "USD", 1, 4_00}}},
			{"by words", o.root, record.Filter{Query: "red"},
				[]StageSum{{first, "EUR", 2, 9_00}, {second, "USD", 1, 4_00}}},
			{"by client", o.root, record.Filter{Contact: theirs.ID}, []StageSum{{first, "EUR", 1, 8_00}}},
			{"one's own", o.other, record.Filter{Mine: true}, []StageSum{{first, "EUR", 1, 8_00}}},
		} {
			c.f.Pipeline, c.f.Limit = o.pipeline.ID, 1 // a page has no say
			got, err := o.DealSums(o.ctx, c.actor, c.f)
			o.must(err)
			slices.SortFunc(c.want, func(a, b StageSum) int { return strings.Compare(a.Stage, b.Stage) })
			if !slices.Equal(got, c.want) {
				o.Errorf("%s: %+v, want %+v", c.name, got, c.want)
			}
		}
	})
}
