package offer

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Product is something that the company sells.
type Product struct {
	ID       string    `json:"id" readOnly:"true"`
	Name     string    `json:"name" minLength:"1" maxLength:"300"`
	SKU      string    `json:"sku" required:"false" maxLength:"100" doc:"Of one product alone"`
	Unit     string    `json:"unit" required:"false" maxLength:"30" doc:"Such as pcs or h"`
	Price    int64     `json:"price" minimum:"0" maximum:"1000000000000" doc:"Of a unit, without tax, in hundredths"`
	Currency string    `json:"currency" maxLength:"3" doc:"ISO 4217"`
	Tax      int64     `json:"tax" minimum:"0" maximum:"10000" doc:"Rate, in hundredths of a percent: 2100 is 21 %"`
	Active   bool      `json:"active" doc:"New lines find it"`
	Created  time.Time `json:"created" readOnly:"true"`
	Updated  time.Time `json:"updated" readOnly:"true"`
}

const productColumns = `SELECT p.id, p.name, p.sku, p.unit, p.price, p.currency, p.tax, p.active, p.created_at,
	p.updated_at, p.folded FROM product p`

type found struct {
	Product
	folded string
}

func scanProduct(r store.Row) (p found, err error) {
	var created, updated int64
	err = r.Scan(&p.ID, &p.Name, &p.SKU, &p.Unit, &p.Price, &p.Currency, &p.Tax, &p.Active, &created, &updated,
		&p.folded)
	p.Created, p.Updated = store.Time(created), store.Time(updated)
	return p, err
}

// ProductFilter narrows what is listed.
type ProductFilter struct {
	Search string // words of the name or SKU, each of them somewhere in it
	All    bool   // also those that are not sold any more
	After  string // the next of the page before
	Limit  int
}

// Products is a page of products by name, and where the next one begins.
func (o *Offers) Products(ctx context.Context, f ProductFilter) (list []Product, next string, err error) {
	if err := o.on(ctx); err != nil {
		return nil, "", err
	}
	q := query.New(productColumns + " WHERE TRUE")
	if !f.All {
		q.Add(" AND p.active")
	}
	for _, word := range strings.Fields(fold.Text(f.Search)) {
		q.Add(` AND p.folded LIKE ? ESCAPE '\'`, "%"+query.EscapeLike(word)+"%")
	}
	if f.After != "" {
		raw, err := base64.RawURLEncoding.DecodeString(f.After)
		name, id, ours := strings.Cut(string(raw), "\n")
		if err != nil || !ours {
			return nil, "", input.Refuse("after", "is not one of ours; start from the first page")
		}
		q.Add(" AND (p.folded, p.id) > (?, ?)", name, id)
	}
	all, err := query.All(ctx, o.db, scanProduct, q.Add(" ORDER BY p.folded, p.id LIMIT ?", f.Limit+1))
	if len(all) > f.Limit {
		all = all[:f.Limit]
		last := all[f.Limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(last.folded + "\n" + last.ID))
	}
	for _, p := range all {
		list = append(list, p.Product)
	}
	return list, next, err
}

// SaveProduct keeps a new product (no ID), or changes one. Administrators only. What stands on offers stays so.
func (o *Offers) SaveProduct(ctx context.Context, actor people.User, p Product) (Product, error) {
	if err := query.Steps(func() error { return people.OnlyAdmins(actor) }, func() error { return o.on(ctx) },
		p.check); err != nil {
		return p, err
	}
	now := store.Micros(o.now())
	folded := strings.ReplaceAll(fold.Text(strings.TrimSpace(p.Name+" "+p.SKU)), "\n", " ")
	args := []any{p.ID, p.Name, folded, p.SKU, p.Unit, p.Price, p.Currency, p.Tax, p.Active, now}
	var err error
	if p.ID == "" {
		p.ID = store.NewID()
		args[0] = p.ID
		_, err = o.db.Exec(ctx, `INSERT INTO product (id, name, folded, sku, unit, price, currency, tax, active, created_at,
			updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`, args...)
	} else {
		var n int64
		n, err = query.Exec(ctx, o.db, `UPDATE product SET name = $2, folded = $3, sku = $4, unit = $5, price = $6,
			currency = $7, tax = $8, active = $9, updated_at = $10 WHERE id = $1`, args...)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
	}
	if store.IsUnique(err) {
		return p, input.Refuse("sku", "is that of another product")
	}
	if err != nil {
		return p, err
	}
	kept, err := query.One(ctx, o.db, scanProduct, query.New(productColumns+" WHERE p.id = ?", p.ID))
	return kept.Product, err
}

// DeleteProduct removes a product; lines of offers keep what they say. Administrators only.
func (o *Offers) DeleteProduct(ctx context.Context, actor people.User, id string) error {
	if err := query.Steps(func() error { return people.OnlyAdmins(actor) },
		func() error { return o.on(ctx) }); err != nil {
		return err
	}
	n, err := query.Exec(ctx, o.db, "DELETE FROM product WHERE id = $1", id)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

func (p *Product) check() error {
	if err := input.Texts(input.Bound("name", &p.Name, 1, 300), input.Bound("sku", &p.SKU, 0, 100),
		input.Bound("unit", &p.Unit, 0, 30)); err != nil {
		return err
	}
	return errors.Join(checkCurrency(p.Currency), within("price", p.Price, 0, maxPrice), within("tax", p.Tax, 0, whole))
}
