package crmcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

func scanStage(r store.Row) (s Stage, err error) { return s, r.Scan(&s.ID, &s.Name, &s.Kind) }

// Pipelines lists all pipelines with their stages, both in order.
func (c *Core) Pipelines(ctx context.Context) ([]Pipeline, error) {
	pipelines, err := query.All(ctx, c.db, func(r store.Row) (p Pipeline, err error) {
		return p, r.Scan(&p.ID, &p.Name)
	},
		query.New("SELECT id, name FROM pipeline ORDER BY position, id"))
	if err != nil {
		return nil, err
	}
	for i := range pipelines {
		q := query.New("SELECT id, name, kind FROM stage WHERE pipeline = ? ORDER BY position", pipelines[i].ID)
		if pipelines[i].Stages, err = query.All(ctx, c.db, scanStage, q); err != nil {
			return nil, err
		}
	}
	return pipelines, nil
}

// SavePipeline creates (no ID) or replaces a pipeline; admins only. Stages without ID are new, those left out are
// removed, which needs them to be empty.
func (c *Core) SavePipeline(ctx context.Context, actor people.User, p Pipeline) (Pipeline, error) {
	if err := errors.Join(people.OnlyAdmins(actor), p.check()); err != nil {
		return Pipeline{}, input.First(err)
	}
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		if err := savePipeline(ctx, tx, &p); err != nil {
			return err
		}
		if err := dropStages(ctx, tx, p); err != nil {
			return err
		}
		for i := range p.Stages {
			if err := saveStage(ctx, tx, p.ID, &p.Stages[i], i); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

func savePipeline(ctx context.Context, tx *store.Tx, p *Pipeline) error {
	if p.ID == "" {
		p.ID = store.NewID()
		_, err := tx.Exec(ctx, `INSERT INTO pipeline (id, name, position) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), COUNT(*) FROM pipeline`, p.ID, p.Name)
		return err
	}
	n, err := query.Exec(ctx, tx, "UPDATE pipeline SET name = $1 WHERE id = $2", p.Name, p.ID)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// dropStages removes the stages that p no longer has.
func dropStages(ctx context.Context, tx *store.Tx, p Pipeline) error {
	keep := []string{""}
	for _, s := range p.Stages {
		keep = append(keep, s.ID)
	}
	used, err := query.All(ctx, tx, query.Text, query.New(`SELECT name FROM stage WHERE EXISTS (SELECT 1 FROM deal WHERE deal.stage = stage.id)
		AND pipeline = ? AND id NOT`, p.ID).In(keep))
	if err != nil {
		return err
	}
	if len(used) > 0 {
		return input.Refuse("stages", "move the deals out of "+used[0]+" first")
	}
	gone := query.New("DELETE FROM stage WHERE pipeline = ? AND id NOT", p.ID).In(keep)
	_, err = tx.Exec(ctx, gone.String(), gone.Args...)
	return err
}

func saveStage(ctx context.Context, tx *store.Tx, pipeline string, s *Stage, position int) error {
	if s.ID == "" {
		s.ID = store.NewID()
		_, err := tx.Exec(ctx, "INSERT INTO stage (id, pipeline, name, kind, position) VALUES ($1, $2, $3, $4, $5)",
			s.ID, pipeline, s.Name, s.Kind, position)
		return err
	}
	n, err := query.Exec(ctx, tx,
		"UPDATE stage SET name = $1, kind = $2, position = $3 WHERE id = $4 AND pipeline = $5",
		s.Name, s.Kind, position, s.ID, pipeline)
	if err == nil && n == 0 {
		return input.Refuse("stages", s.Name+" is not a stage of this pipeline")
	}
	return err
}

// DeletePipeline removes a pipeline without deals; admins only.
func (c *Core) DeletePipeline(ctx context.Context, actor people.User, id string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		used, err := query.All(ctx, tx, query.Text, query.New("SELECT id FROM deal WHERE pipeline = ? LIMIT 1", id))
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return input.Refuse("pipeline", "move its deals elsewhere first")
		}
		n, err := query.Exec(ctx, tx, "DELETE FROM pipeline WHERE id = $1", id)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
}

func (p *Pipeline) check() error {
	if len(p.Stages) == 0 || len(p.Stages) > 50 {
		return input.Refuse("stages", "a pipeline has 1 to 50 stages")
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Kind = cmp.Or(s.Kind, "open"); s.Kind != "open" && s.Kind != "won" && s.Kind != "lost" {
			return input.Refuse(fmt.Sprintf("stages[%d]", i), "kind is open, won or lost")
		}
		if err := input.Texts(input.Bound(fmt.Sprintf("stages[%d]", i), &s.Name, 1, input.MaxName)); err != nil {
			return err
		}
	}
	return input.Texts(input.Bound("name", &p.Name, 1, input.MaxName))
}
