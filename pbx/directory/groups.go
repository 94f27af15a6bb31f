package directory

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"frontdesk/store"
)

const groupColumns = `id, name, strategy, members, seconds, otherwise`

func scanGroup(row store.Row) (g HuntGroup, err error) {
	var members, otherwise string
	if err = row.Scan(&g.ID, &g.Name, &g.Strategy, &members, &g.Seconds, &otherwise); err != nil {
		return g, err
	}
	if otherwise != "" {
		err = json.Unmarshal([]byte(otherwise), &g.Otherwise)
	}
	return g, errors.Join(err, json.Unmarshal([]byte(members), &g.Members))
}

// HuntGroups lists the hunt groups, by name.
func (d *Directory) HuntGroups(ctx context.Context) ([]HuntGroup, error) { return groupsOf(ctx, d.db) }

func groupsOf(ctx context.Context, q store.Queries) ([]HuntGroup, error) {
	rows, err := q.Query(ctx, `SELECT `+groupColumns+` FROM hunt_group ORDER BY name, id`)
	return store.Collect(rows, err, scanGroup)
}

// SaveHuntGroup creates a hunt group (ID empty: it gets one) or changes it. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveHuntGroup(ctx context.Context, g *HuntGroup) error {
	if err := d.checkGroup(ctx, g); err != nil {
		return err
	}
	statement := `UPDATE hunt_group SET name = $2, strategy = $3, members = $4, seconds = $5, otherwise = $6 WHERE id = $1`
	if g.ID == "" {
		g.ID = store.NewID()
		statement = `INSERT INTO hunt_group (` + groupColumns + `) VALUES ($1, $2, $3, $4, $5, $6)`
	}
	err := d.write(ctx, statement, g.ID, g.Name, string(g.Strategy), asJSON(g.Members), g.Seconds, g.otherwise())
	if store.IsUnique(err) {
		return invalid("name", "there is a hunt group called %q already", g.Name)
	}
	return err
}

// otherwise is Otherwise as it is kept.
func (g HuntGroup) otherwise() string {
	if g.Otherwise == nil {
		return ""
	}
	return asJSON(g.Otherwise)
}

// longestHunt is how long a caller is rung for at most, all steps together.
const longestHunt = 150

func (d *Directory) checkGroup(ctx context.Context, g *HuntGroup) error {
	g.Name = strings.TrimSpace(g.Name)
	rounds := len(Arrange(g.Strategy, g.Members, Turn{}))
	switch {
	case g.Name == "" || len(g.Name) > 100:
		return invalid("name", "give the group a name of at most 100 characters")
	case !slices.Contains(strategies[:], g.Strategy):
		return invalid("strategy", "must be together, in_order, round_robin, longest_idle or random")
	case len(g.Members) == 0 || len(g.Members) > 50:
		return invalid("members", "choose 1 to 50 people")
	case g.Seconds < 5 || g.Seconds > 120:
		return invalid("seconds", "a step rings 5 to 120 seconds")
	case rounds*g.Seconds > longestHunt && g.Strategy != Together:
		return invalid("seconds", "%d people one after another for %d seconds each: a caller would be rung for %d seconds, "+
			"and more than %d is too long: choose fewer people, fewer seconds, or ring them together",
			rounds, g.Seconds, rounds*g.Seconds, longestHunt)
	}
	for i, user := range g.Members {
		if slices.Contains(g.Members[:i], user) {
			return invalid("members", "somebody is there twice")
		}
	}
	return d.checkOtherwise(ctx, g)
}

// checkOtherwise: what leads back to the group would go round for ever.
func (d *Directory) checkOtherwise(ctx context.Context, g *HuntGroup) error {
	if g.Otherwise == nil {
		return nil
	}
	if err := d.checkOnward(ctx, "otherwise", g.Otherwise); err != nil {
		return err
	}
	all, err := d.HuntGroups(ctx)
	for to := g.Otherwise; to != nil && to.Kind == toGroup && err == nil; {
		if to.HuntGroup == g.ID && g.ID != "" {
			return invalid("otherwise.hunt_group", "that leads back to this group: choose something else")
		}
		at := slices.IndexFunc(all, func(other HuntGroup) bool { return other.ID == to.HuntGroup })
		if at < 0 {
			break
		}
		to, all[at].Otherwise = all[at].Otherwise, nil
	}
	return err
}

// DeleteHuntGroup removes a hunt group; ErrNotFound, and ErrInUse while something leads there.
func (d *Directory) DeleteHuntGroup(ctx context.Context, id string) error {
	return d.deleteUnused(ctx, func(to Destination) bool { return to.Kind == toGroup && to.HuntGroup == id },
		`DELETE FROM hunt_group WHERE id = $1`, id)
}

// NextTurn counts a call that goes round a hunt group, over all nodes.
func (d *Directory) NextTurn(ctx context.Context, group string) (number int64, err error) {
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `UPDATE hunt_group SET turn = turn + 1 WHERE id = $1 RETURNING turn - 1`, group).Scan(&number)
	})
	return number, store.Found(err)
}

// Turn is the number that the next call would have.
func (d *Directory) Turn(ctx context.Context, group string) (number int64, err error) {
	err = d.db.QueryRow(ctx, `SELECT turn FROM hunt_group WHERE id = $1`, group).Scan(&number)
	return number, store.Found(err)
}
