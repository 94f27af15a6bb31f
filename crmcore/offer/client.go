package offer

import (
	"context"
	"errors"
	"strings"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Fields of contacts and companies that ship with the program.
const (
	addressField = "postal_address"
	vatField     = "vat_number"
)

// sale is what a document needs of its deal.
type sale struct{ contact, company, currency string }

func dealOf(ctx context.Context, db store.Queries, id string) (sale, error) {
	return query.One(ctx, db, func(r store.Row) (d sale, err error) {
		return d, r.Scan(&d.contact, &d.company, &d.currency)
	}, query.New("SELECT contact, company, currency FROM deal WHERE id = ?", id))
}

// client is how a deal's client is addressed, and where mail for it goes: the company, in care of the contact, or the
// contact alone. Of whom the actor may not see only the name is told, which the deal shows, too.
func (d sale) client(ctx context.Context, db store.Queries, actor people.User) (client, email string, err error) {
	var text []string
	person, err := partyOf(ctx, db, actor, record.Contact.Ref(d.contact))
	if err != nil {
		return "", "", err
	}
	firm, err := partyOf(ctx, db, actor, record.Company.Ref(d.company))
	if err != nil {
		return "", "", err
	}
	email = person.email
	if email == "" {
		email = firm.email
	}
	head, below := firm, person.name
	if firm.name == "" {
		head, below = person, ""
	}
	for _, line := range append([]string{head.name, below}, append(head.address, head.vat)...) {
		if line != "" {
			text = append(text, line)
		}
	}
	return strings.Join(text, "\n"), email, nil
}

// party is a contact or company.
type party struct {
	name, vat, email string
	address          []string
}

func partyOf(ctx context.Context, db store.Queries, actor people.User, ref record.Ref) (p party, err error) {
	if ref.ID == "" {
		return p, nil
	}
	h, err := record.HeadOf(ctx, db, actor, ref)
	if errors.Is(err, store.ErrNotFound) {
		return p, nil
	}
	if p.name = h.Name; err != nil || !h.Readable {
		return p, err
	}
	var fields record.Values
	row := db.QueryRow(ctx, "SELECT fields FROM "+string(ref.Kind)+" WHERE id = $1", ref.ID)
	if err := row.Scan(&fields); err != nil {
		return p, err
	}
	for _, value := range fields[addressField] {
		for line := range strings.Lines(value) {
			p.address = append(p.address, strings.TrimSpace(line))
		}
	}
	p.vat = strings.Join(fields[vatField], ", ")
	points, err := record.Points(ctx, db, ref)
	for _, one := range points {
		if one.Kind == "email" && one.Value != "" && p.email == "" {
			p.email = one.Value
		}
	}
	return p, err
}
