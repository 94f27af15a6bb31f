package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"frontdesk/store"
)

// Handling is how a user wants to be called.
func (d *Directory) Handling(ctx context.Context, user string) (h Handling, err error) {
	var rules string
	err = d.db.QueryRow(ctx, `SELECT rules FROM call_handling WHERE user_id = $1`, user).Scan(&rules)
	if errors.Is(err, sql.ErrNoRows) {
		return Handling{}, nil
	}
	return h, errors.Join(err, readJSON(rules, &h))
}

func readJSON(text string, to any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), to)
}

// handlings are those of all users that have any.
func handlings(ctx context.Context, q store.Queries) (map[string]Handling, error) {
	type row struct {
		user string
		h    Handling
	}
	rows, err := q.Query(ctx, `SELECT user_id, rules FROM call_handling`)
	all, err := store.Collect(rows, err, func(r store.Row) (x row, err error) {
		var rules string
		if err = r.Scan(&x.user, &rules); err != nil {
			return x, err
		}
		return x, readJSON(rules, &x.h)
	})
	of := map[string]Handling{}
	for _, x := range all {
		of[x.user] = x.h
	}
	return of, err
}

// SaveHandling says how a user wants to be called, after bringing numbers into E.164. Users are not looked up: they are
// the CRM's. Errors: *Invalid.
func (d *Directory) SaveHandling(ctx context.Context, user string, h *Handling) error {
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if err := plan.checkHandling(user, h); err != nil {
		return err
	}
	if h.plain() && h.Seconds == 0 {
		_, err := d.db.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user)
		d.touched()
		return err
	}
	return d.write(ctx, `INSERT INTO call_handling (user_id, rules) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET rules = excluded.rules`, user, asJSON(h))
}

// ChangeHandling changes what a user's handling has now. Errors: *Invalid.
func (d *Directory) ChangeHandling(ctx context.Context, user string, change func(*Handling)) error {
	h, err := d.Handling(ctx, user)
	if err != nil {
		return err
	}
	change(&h)
	return d.SaveHandling(ctx, user, &h)
}

// checkHandling validates how a user wants to be called, and brings it into its form.
func (p *Plan) checkHandling(user string, h *Handling) error {
	if h.Seconds != 0 && (h.Seconds < 5 || h.Seconds > 120) {
		return invalid("seconds", "a user rings 5 to 120 seconds before calls go on; 0 is as long as usual")
	}
	for field, f := range h.Forwards() {
		if err := p.checkForward(field, user, f); err != nil {
			return err
		}
	}
	if h.Hours == nil {
		return nil
	}
	s := h.Hours.schedule()
	err := s.check()
	if bad := (*Invalid)(nil); errors.As(err, &bad) {
		bad.Field = "hours." + bad.Field
	}
	return err
}

func (p *Plan) checkForward(field, user string, f *Forward) error {
	switch f.Kind {
	case "user":
		*f = Forward{Kind: f.Kind, User: f.User}
		switch f.User {
		case "":
			return invalid(field+".user", "choose the colleague who gets the calls")
		case user:
			return invalid(field+".user", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "extension":
		*f = Forward{Kind: f.Kind, Number: compact(f.Number)}
		to, known := p.extensions[f.Number]
		switch {
		case !known:
			return invalid(field+".number", "there is no extension %q", f.Number)
		case to.Kind == "user" && to.User == user:
			return invalid(field+".number", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "number":
		f.User = ""
		return p.checkForwardOut(field, f)
	default:
		return invalid(field+".kind", "must be user, extension or number")
	}
	return nil
}

// checkForwardOut: nobody gets further by forwarding than by dialling.
func (p *Plan) checkForwardOut(field string, f *Forward) error {
	if e164, ok := Normalise(f.Number, p.region); ok {
		f.Number = e164
	} else {
		f.Number = compact(f.Number)
	}
	pbx, _ := p.connected(f.Number)
	_, ours := p.numbers[f.Number]
	switch {
	case slices.Contains(p.policy.Short, f.Number):
		return invalid(field+".number", "calls can't be forwarded to a short number")
	case pbx != nil || ours || p.policy.allows(f.Number):
		return nil
	case len(f.Number) > 0 && f.Number[0] == '+':
		return invalid(field+".number", "calls to %s are not allowed: an admin allows countries under Telephony, calls outside",
			f.Number)
	}
	return invalid(field+".number", "%q is no telephone number: write it as you dial it", f.Number)
}

// Disturbed are the users who don't want to be disturbed.
func (d *Directory) Disturbed(ctx context.Context) ([]string, error) {
	all, err := handlings(ctx, d.db)
	users := []string{}
	for user, h := range all {
		if h.DND {
			users = append(users, user)
		}
	}
	slices.Sort(users)
	return users, err
}

// handOverHandling has calls that were forwarded to a user who leaves go to the heir; how the user was called is forgotten.
func handOverHandling(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user); err != nil {
		return err
	}
	all, err := handlings(ctx, tx)
	if err != nil {
		return err
	}
	for other, h := range all {
		if !h.give(other, user, heir) {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE call_handling SET rules = $1 WHERE user_id = $2`, asJSON(h), other); err != nil {
			return err
		}
	}
	return nil
}

// give forwards to the heir what was forwarded to a user; nobody forwards to himself.
func (h *Handling) give(of, user, heir string) (given bool) {
	for _, f := range []**Forward{&h.Always, &h.Busy, &h.NoAnswer, &h.Offline, h.closed()} {
		if *f == nil || (*f).Kind != "user" || (*f).User != user {
			continue
		}
		given = true
		if *f = (&Forward{Kind: "user", User: heir}); heir == of {
			*f = nil
		}
	}
	return given
}

// closed is where calls go outside of the user's hours.
func (h *Handling) closed() **Forward {
	if h.Hours == nil {
		return new(*Forward)
	}
	return &h.Hours.Closed
}
