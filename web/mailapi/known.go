package mailapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

// FillInput says whom a mail is for.
type FillInput struct {
	From string `json:"from,omitempty" maxLength:"320" doc:"Address that it is sent from"`
	To   string `json:"to,omitempty" maxLength:"320" doc:"Address of the client"`
	Deal string `json:"deal,omitempty" maxLength:"100" doc:"Id of the deal; without: the client's only open one"`
}

// known is what the user may know of whom a mail is for, by the names that templates have for it: "contact.name",
// "deal.amount", and a company's own fields, "contact.birthday", by their names.
func (o *Operations) known(ctx context.Context, in FillInput) (map[string]string, error) {
	user := api.UserOf(ctx)
	k := knowledge{o: o, user: user, values: map[string]string{"me.name": user.Name, "me.email": user.Email,
		"me.address": in.From, "today": time.Now().Format(time.DateOnly)}}
	k.person("me", user.Name)
	var err error
	if k.fields, err = o.core.Fields(ctx); err != nil {
		return nil, err
	}
	refs, err := k.whose(ctx, in.To)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		if err := k.read(ctx, ref); err != nil {
			return nil, err
		}
	}
	return k.values, k.deal(ctx, in.Deal, refs)
}

type knowledge struct {
	o      *Operations
	user   people.User
	fields []field.Field
	values map[string]string
}

// whose are the records with an address that the user may see: nobody's where several of a kind have it.
func (k knowledge) whose(ctx context.Context, to string) (refs []record.Ref, err error) {
	if to == "" {
		return nil, nil
	}
	known, err := k.o.core.KnownAs(ctx, k.user, record.Point{Kind: address.Email, Raw: to, Value: to}, record.Ref{})
	of := map[record.Kind][]record.Ref{}
	for _, r := range known.Records {
		of[r.Kind] = append(of[r.Kind], r.Ref)
	}
	for _, kind := range []record.Kind{record.Contact, record.Company, record.Lead} {
		if len(of[kind]) == 1 {
			refs = append(refs, of[kind][0])
		}
	}
	return refs, err
}

// unseen is the error of what the user may not see, or what is gone: nothing is known of it.
func unseen(err error) bool {
	return errors.Is(err, people.ErrForbidden) || errors.Is(err, crmcore.ErrNotFound)
}

func (k knowledge) read(ctx context.Context, ref record.Ref) (err error) {
	switch ref.Kind {
	case record.Contact:
		err = k.contact(ctx, ref.ID)
	case record.Company:
		err = k.company(ctx, ref.ID)
	case record.Lead:
		var l crmcore.Lead
		if l, err = k.o.core.Lead(ctx, k.user, ref.ID); err == nil {
			k.values["lead.title"] = l.Title
			k.person("lead", l.Name)
			k.own(record.Lead, l.Fields)
		}
	}
	if unseen(err) {
		return nil
	}
	return err
}

func (k knowledge) contact(ctx context.Context, id string) error {
	c, err := k.o.core.Contact(ctx, k.user, id)
	if err != nil {
		return err
	}
	k.person("contact", c.Name)
	k.values["contact.position"], k.values["company.name"] = c.Position, c.CompanyName
	k.points("contact", c.Points)
	k.own(record.Contact, c.Fields)
	if c.Company == "" {
		return nil
	}
	return k.company(ctx, c.Company)
}

func (k knowledge) company(ctx context.Context, id string) error {
	c, err := k.o.core.Company(ctx, k.user, id)
	if err != nil {
		return err
	}
	k.values["company.name"], k.values["company.website"] = c.Name, c.Website
	k.points("company", c.Points)
	k.own(record.Company, c.Fields)
	return nil
}

// deal is the one named, or the only open one of the contact's that the user sees.
func (k knowledge) deal(ctx context.Context, id string, refs []record.Ref) error {
	var d crmcore.Deal
	var err error
	switch {
	case id != "":
		d, err = k.o.core.Deal(ctx, k.user, id)
	case len(refs) > 0 && refs[0].Kind == record.Contact:
		var open record.List[crmcore.Deal]
		open, err = k.o.core.Deals(ctx, k.user, record.Filter{Contact: refs[0].ID, Stage: "open",
			Page: record.Page{Limit: 2}})
		if err == nil && len(open.Items) == 1 {
			d = open.Items[0]
		}
	}
	if unseen(err) {
		return nil
	}
	if err != nil || d.ID == "" {
		return err
	}
	k.values["deal.title"] = d.Title
	if d.Amount != 0 {
		k.values["deal.amount"] = money(d.Amount, d.Currency)
	}
	k.own(record.Deal, d.Fields)
	return k.stage(ctx, d.Stage)
}

func (k knowledge) stage(ctx context.Context, id string) error {
	pipelines, err := k.o.core.Pipelines(ctx)
	for _, p := range pipelines {
		for _, s := range p.Stages {
			if s.ID == id {
				k.values["deal.stage"] = s.Name
			}
		}
	}
	return err
}

// money is an amount in hundredths, as it is written in mails of any language: 1200.50 EUR, without needless zeros.
func money(amount int64, currency string) string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%02d", amount/100, amount%100), ".00") + " " + currency
}

func (k knowledge) person(of, name string) {
	k.values[of+".name"] = name
	if words := strings.Fields(name); len(words) > 0 {
		k.values[of+".first_name"] = words[0]
		k.values[of+".last_name"] = strings.Join(words[1:], " ")
	}
}

func (k knowledge) points(of string, points []record.Point) {
	for _, p := range points {
		name := of + "." + string(p.Kind)
		if k.values[name] == "" {
			k.values[name] = p.Value
		}
	}
}

// own are the values of a company's own fields; choices and tags as they are called.
func (k knowledge) own(kind record.Kind, values record.Values) {
	for _, f := range k.fields {
		var words []string
		for _, v := range values[f.ID] {
			for _, c := range f.Choices {
				if c.ID == v {
					v = c.Name
				}
			}
			words = append(words, v)
		}
		if f.Type != field.User {
			k.values[strings.ToLower(string(kind)+"."+f.Name)] = strings.Join(words, ", ")
		}
	}
}
