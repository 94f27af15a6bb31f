package crmcore

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"time"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

func deals() record.Table[Deal] {
	return record.Table[Deal]{
		Kind: record.Deal,
		From: `SELECT t.id, t.name, t.contact, COALESCE(ct.name, ''), t.company, COALESCE(co.name, ''), t.pipeline, t.stage, t.amount, t.currency,
			t.responsible, t.comment, t.fields, t.created_at, t.updated_at, t.moved_at
			FROM deal t LEFT JOIN contact ct ON ct.id = t.contact LEFT JOIN company co ON co.id = t.company`,
		Scan: func(r store.Row) (x Deal, err error) {
			var created, updated, moved int64
			err = r.Scan(&x.ID, &x.Title, &x.Contact, &x.ContactName, &x.Company, &x.CompanyName, &x.Pipeline, &x.Stage,
				&x.Amount, &x.Currency,
				&x.Responsible, &x.Comment, &x.Fields, &created, &updated, &moved)
			x.Created, x.Updated, x.Moved = store.Time(created), store.Time(updated), store.Time(moved)
			return x, err
		},
		Self:   func(x *Deal) (string, string, *[]record.Point) { return x.ID, x.Title, nil },
		Search: []string{"contact", "company"},
	}
}

// Deal reads a deal: ErrNotFound, ErrForbidden.
func (c *Core) Deal(ctx context.Context, actor people.User, id string) (Deal, error) {
	return deals().Permitted(ctx, c.db, actor, id)
}

// Deals lists deals; a search finds them by their title, contact and company.
func (c *Core) Deals(ctx context.Context, actor people.User, f record.Filter) (record.List[Deal], error) {
	return deals().List(ctx, c.db, actor, f)
}

// CreateDeal adds a deal, the actor's own unless it names another responsible user. Without a stage it stands in the
// first of its pipeline; without a pipeline, in the first pipeline. Errors: Invalid; ErrForbidden for a client of
// others.
func (c *Core) CreateDeal(ctx context.Context, actor people.User, in Deal) (Deal, error) {
	if err := c.checkDeal(&in); err != nil {
		return Deal{}, err
	}
	in.ID, in.Responsible = store.NewID(), cmp.Or(in.Responsible, actor.ID)
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return checkResponsible(ctx, tx, in.Responsible) },
			func() error { return permitClient(ctx, tx, actor, in, Deal{}) },
			func() error { return insertDeal(ctx, tx, &in) })
	})
	return created(ctx, c, deals(), in.ID, err)
}

// insertDeal writes a checked deal, in the place that it or its pipeline names.
func insertDeal(ctx context.Context, tx *store.Tx, in *Deal) error {
	if err := place(ctx, tx, in); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO deal (id, name, folded, contact, company, pipeline, stage, amount, currency, comment, responsible, department,
		created_at, updated_at, moved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $12, $12)`,
		in.ID, in.Title, record.SortKey(in.Title), in.Contact, in.Company, in.Pipeline, in.Stage, in.Amount,
		in.Currency,
		in.Comment,
		in.Responsible, store.Micros(time.Now()))
	if err != nil {
		return err
	}
	return query.Steps(
		func() error { return record.Index(ctx, tx, record.Deal.Ref(in.ID), nil, in.Title) },
		func() error { return field.Begin(ctx, tx, record.Deal.Ref(in.ID), in.Fields) },
		func() error { return event.Record(ctx, tx, record.Deal.Ref(in.ID), event.Created, "") })
}

// place finds the stage a new deal stands in.
func place(ctx context.Context, db store.Queries, d *Deal) error {
	q := query.New("SELECT s.id, s.pipeline FROM stage s JOIN pipeline p ON p.id = s.pipeline WHERE TRUE")
	if d.Pipeline != "" {
		q.Add(" AND s.pipeline = ?", d.Pipeline)
	}
	if d.Stage != "" {
		q.Add(" AND s.id = ?", d.Stage)
	}
	at, err := query.One(ctx, db, func(r store.Row) (at [2]string, err error) { return at, r.Scan(&at[0], &at[1]) },
		q.Add(" ORDER BY p.position, p.id, s.position LIMIT 1"))
	if errors.Is(err, ErrNotFound) {
		return input.Refuse("stage", "there is no such stage in this pipeline")
	}
	d.Stage, d.Pipeline = at[0], at[1]
	return err
}

// permitClient fails when a deal is put to a contact or company that the actor may not see; what old had stays whoever
// sees it.
func permitClient(ctx context.Context, db store.Queries, actor people.User, d, old Deal) error {
	if d.Contact != old.Contact {
		if err := permitNamed(ctx, db, actor, record.Contact, d.Contact); err != nil {
			return err
		}
	}
	if d.Company != old.Company {
		return permitNamed(ctx, db, actor, record.Company, d.Company)
	}
	return nil
}

// UpdateDeal replaces a deal; see UpdateContact. An empty stage leaves it.
func (c *Core) UpdateDeal(ctx context.Context, actor people.User, in Deal) (Deal, error) {
	if err := c.checkDeal(&in); err != nil {
		return Deal{}, err
	}
	ref := record.Deal.Ref(in.ID)
	err := c.change(ctx, actor, ref, in.Updated, func(tx *store.Tx, old record.Head) error {
		return query.Steps(
			func() error {
				before, err := deals().Get(ctx, tx, in.ID)
				if err != nil {
					return err
				}
				return permitClient(ctx, tx, actor, in, before)
			},
			func() error {
				_, err := tx.Exec(ctx, `UPDATE deal SET name = $1, folded = $2, contact = $3, company = $4, amount = $5, currency = $6, comment = $7 WHERE id = $8`,
					in.Title, record.SortKey(in.Title), in.Contact, in.Company, in.Amount, in.Currency,
					in.Comment, in.ID)
				return err
			},
			func() error { return record.Index(ctx, tx, ref, nil, in.Title) },
			func() error { return field.Put(ctx, tx, actor, ref, in.Fields) },
			func() error { return moveDeal(ctx, tx, actor, in.ID, in.Stage) },
			func() error { return c.handOver(ctx, tx, actor, ref, old, cmp.Or(in.Responsible, old.Responsible)) })
	})
	if err != nil {
		return Deal{}, err
	}
	return deals().Get(ctx, c.db, in.ID)
}

// MoveDeal puts a deal into another stage, of any pipeline.
func (c *Core) MoveDeal(ctx context.Context, actor people.User, id, stage string) (Deal, error) {
	err := c.change(ctx, actor, record.Deal.Ref(id), time.Time{}, func(tx *store.Tx, _ record.Head) error {
		return moveDeal(ctx, tx, actor, id, stage)
	})
	if err != nil {
		return Deal{}, err
	}
	return deals().Get(ctx, c.db, id)
}

func moveDeal(ctx context.Context, tx *store.Tx, actor people.User, id, stage string) error {
	if stage == "" {
		return nil
	}
	old, err := query.One(ctx, tx, scanStage,
		query.New("SELECT s.id, s.name, s.kind FROM stage s JOIN deal d ON d.stage = s.id WHERE d.id = ?", id))
	if err != nil || old.ID == stage {
		return err
	}
	next, err := query.One(ctx, tx, scanStage, query.New("SELECT id, name, kind FROM stage WHERE id = ?", stage))
	if errors.Is(err, ErrNotFound) {
		return input.Refuse("stage", "there is no such stage")
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE deal SET stage = $1, pipeline = (SELECT pipeline FROM stage WHERE id = $1), moved_at = $2 WHERE id = $3`,
		stage, store.Micros(time.Now()), id); err != nil {
		return err
	}
	return query.Steps(
		func() error {
			return timeline.LogChange(ctx, tx, actor, record.Deal.Ref(id),
				timeline.Made{What: "deal_stage", From: old.Name, To: next.Name})
		},
		func() error { return event.Moved(ctx, tx, record.Deal.Ref(id), old.ID, next.ID) })
}

// StageSum is the head of a column of the board: what the actor may read of a stage, in one currency.
type StageSum struct {
	Stage    string `json:"stage"`
	Currency string `json:"currency"`
	Count    int64  `json:"count"`
	Amount   int64  `json:"amount"` // in cents
}

// DealSums adds up the deals that Deals lists on all its pages, by stage and currency; of a search the first thousand.
func (c *Core) DealSums(ctx context.Context, actor people.User, f record.Filter) ([]StageSum, error) {
	listed, err := deals().Extent(ctx, c.db, actor, f)
	if err != nil {
		return nil, err
	}
	q := query.New("SELECT t.stage, t.currency, COUNT(*), CAST(SUM(t.amount) AS BIGINT)").With(listed).
		Add(" GROUP BY t.stage, t.currency ORDER BY t.stage, t.currency")
	return query.All(ctx, c.db, func(r store.Row) (s StageSum, err error) {
		return s,
			r.Scan(&s.Stage, &s.Currency, &s.Count, &s.Amount)
	}, q)
}

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

func (c *Core) checkDeal(in *Deal) error {
	in.Currency = cmp.Or(in.Currency, c.cfg.Currency)
	switch {
	case !currencyPattern.MatchString(in.Currency):
		return input.Refuse("currency", "is a code of three letters, such as EUR")
	case in.Amount < 0 || in.Amount > 1e15:
		return input.Refuse("amount", "is in cents, from 0 to ten trillion")
	}
	return input.Texts(input.Bound("title", &in.Title, 1, input.MaxTitle),
		input.Bound("comment", &in.Comment, 0, input.MaxComment))
}
