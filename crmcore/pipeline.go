package crmcore

import (
	"context"
	"errors"
	"fmt"

	"frontdesk/store"
)

func scanStage(r row) (s Stage, err error) { return s, r.Scan(&s.ID, &s.Name, &s.Kind) }

// Pipelines lists all pipelines with their stages, both in order.
func (c *Core) Pipelines(ctx context.Context) ([]Pipeline, error) {
	pipelines, err := all(ctx, c.db, func(r row) (p Pipeline, err error) { return p, r.Scan(&p.ID, &p.Name) },
		new(query).add("SELECT id, name FROM pipeline ORDER BY position, id"))
	if err != nil {
		return nil, err
	}
	for i := range pipelines {
		q := new(query).add("SELECT id, name, kind FROM stage WHERE pipeline = ? ORDER BY position", pipelines[i].ID)
		if pipelines[i].Stages, err = all(ctx, c.db, scanStage, q); err != nil {
			return nil, err
		}
	}
	return pipelines, nil
}

// SavePipeline creates (no ID) or replaces a pipeline; admins only. Stages without ID are new, those left out are
// removed, which needs them to be empty.
func (c *Core) SavePipeline(ctx context.Context, actor User, p Pipeline) (Pipeline, error) {
	if err := errors.Join(admins(actor), p.check()); err != nil {
		return Pipeline{}, firstOf(err)
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
		_, err := tx.Exec(ctx, "INSERT INTO pipeline (id, name, position) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), COUNT(*) FROM pipeline", p.ID, p.Name)
		return err
	}
	n, err := exec(ctx, tx, "UPDATE pipeline SET name = $1 WHERE id = $2", p.Name, p.ID)
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
	used, err := all(ctx, tx, text, new(query).add(`SELECT name FROM stage WHERE EXISTS (SELECT 1 FROM deal WHERE deal.stage = stage.id)
		AND pipeline = ? AND id NOT`, p.ID).in(keep))
	if err != nil {
		return err
	}
	if len(used) > 0 {
		return invalid("stages", "move the deals out of "+used[0]+" first")
	}
	gone := new(query).add("DELETE FROM stage WHERE pipeline = ? AND id NOT", p.ID).in(keep)
	_, err = tx.Exec(ctx, gone.String(), gone.args...)
	return err
}

func saveStage(ctx context.Context, tx *store.Tx, pipeline string, s *Stage, position int) error {
	if s.ID == "" {
		s.ID = store.NewID()
		_, err := tx.Exec(ctx, "INSERT INTO stage (id, pipeline, name, kind, position) VALUES ($1, $2, $3, $4, $5)",
			s.ID, pipeline, s.Name, s.Kind, position)
		return err
	}
	n, err := exec(ctx, tx, "UPDATE stage SET name = $1, kind = $2, position = $3 WHERE id = $4 AND pipeline = $5",
		s.Name, s.Kind, position, s.ID, pipeline)
	if err == nil && n == 0 {
		return invalid("stages", s.Name+" is not a stage of this pipeline")
	}
	return err
}

// DeletePipeline removes a pipeline without deals; admins only.
func (c *Core) DeletePipeline(ctx context.Context, actor User, id string) error {
	if err := admins(actor); err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		used, err := all(ctx, tx, text, new(query).add("SELECT id FROM deal WHERE pipeline = ? LIMIT 1", id))
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return invalid("pipeline", "move its deals elsewhere first")
		}
		n, err := exec(ctx, tx, "DELETE FROM pipeline WHERE id = $1", id)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
}

func (p *Pipeline) check() error {
	if len(p.Stages) == 0 || len(p.Stages) > 50 {
		return invalid("stages", "a pipeline has 1 to 50 stages")
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		if s.Kind = orDefault(s.Kind, "open"); s.Kind != "open" && s.Kind != "won" && s.Kind != "lost" {
			return invalid(fmt.Sprintf("stages[%d]", i), "kind is open, won or lost")
		}
		if err := checkTexts(field{fmt.Sprintf("stages[%d]", i), &s.Name, 1, maxName}); err != nil {
			return err
		}
	}
	return checkTexts(field{"name", &p.Name, 1, maxName})
}
