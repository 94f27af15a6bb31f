package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Feature is something that our people do by dialling a code.
type Feature string

// The features, see Codes for what is dialled.
const (
	PickUp     Feature = "pickup"      // take a call that rings a colleague of a group of one's own; with an extension: his
	Park       Feature = "park"        // as the target of a transfer: leave the call; with a slot's number: take it from there
	TakeHere   Feature = "take_here"   // go on here with the call that one has on another device
	DNDOn      Feature = "dnd_on"      //
	DNDOff     Feature = "dnd_off"     //
	ForwardOn  Feature = "forward_on"  // of all calls, to the number that follows
	ForwardOff Feature = "forward_off" // of all calls
)

// usualCodes are those of most systems.
var usualCodes = map[Feature]string{PickUp: "*8", Park: "*68", TakeHere: "*11", DNDOn: "*78", DNDOff: "*79",
	ForwardOn: "*72", ForwardOff: "*73"}

// Codes are what is dialled for each feature; "" for none.
type Codes map[Feature]string

// feature is what a dialled code asks for, and what follows it: the longest code that fits.
func (c Codes) feature(dialled string) (f Feature, argument string) {
	longest := 0
	for name, code := range c {
		if rest, fits := strings.CutPrefix(dialled, code); fits && code != "" && len(code) > longest {
			f, argument, longest = name, rest, len(code)
		}
	}
	return f, argument
}

// Code is what a feature does for the party that dials it.
type Code struct {
	Feature  Feature
	Argument string // what was dialled after the code
}

// code is what our people ask for by what they dial; nothing where that is no code.
func (p *Plan) code(in Inbound) (c Code) {
	if in.Party.Kind != Line && in.Dialled == ParkTarget {
		return Code{Feature: Park}
	}
	if in.Party.Kind != Line && !p.isNumber(in.To) {
		c.Feature, c.Argument = p.codes.feature(in.To)
	}
	return c
}

// isNumber tells whether what was dialled leads somewhere by itself.
func (p *Plan) isNumber(dialled string) bool {
	_, internal := p.extensions[dialled]
	return internal || strings.HasPrefix(dialled, "+")
}

// Outcomes of a feature: none leads on.
func (Code) Outcomes() []Outcome { return nil }

// After a feature comes nothing.
func (Code) After(Outcome) Step { return nil }

// ParkTarget is what a call is transferred to by a browser that parks it, whatever the code.
const ParkTarget = "park:"

// codesSetting is the name under which the codes are kept.
const codesSetting = "pbx.codes"

// Codes are the feature codes.
func (d *Directory) Codes(ctx context.Context) (Codes, error) {
	codes := Codes(maps.Clone(usualCodes))
	var value string
	err := d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, codesSetting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return codes, nil
	}
	if err != nil {
		return codes, err
	}
	return codes, json.Unmarshal([]byte(value), &codes)
}

// SaveCodes changes feature codes; those left out stay. Errors: *Invalid.
func (d *Directory) SaveCodes(ctx context.Context, changed Codes) error {
	codes, err := d.Codes(ctx)
	if err != nil {
		return err
	}
	taken := map[string]Feature{}
	maps.Copy(codes, changed)
	for _, f := range slices.Sorted(maps.Keys(codes)) {
		code := codes[f]
		if _, known := usualCodes[f]; !known {
			return invalid(string(f), "there is no such feature")
		}
		if code == "" {
			continue
		}
		if !strings.ContainsAny(code[:1], "*#") || !digits(code[1:], 1, 4) {
			return invalid(string(f), "%q is no code: write * or #, then one to four digits", code)
		}
		if other, again := taken[code]; again {
			return invalid(string(f), "%s is the code of %s already", code, other)
		}
		taken[code] = f
	}
	return d.write(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, codesSetting, asJSON(codes))
}

// mates are the users who share a group with a user: each may take a call that rings another.
func (p *Plan) mates(user string) map[string]bool {
	var groups [][]string
	for _, g := range p.groups {
		groups = append(groups, g.Members)
	}
	for _, n := range p.numbers {
		groups = append(groups, n.Timed.people(n.Destination)...)
	}
	for _, e := range p.extensions {
		groups = append(groups, e.Timed.people(e.Destination)...)
	}
	all := map[string]bool{}
	for _, users := range groups {
		if slices.Contains(users, user) {
			for _, mate := range users {
				all[mate] = true
			}
		}
	}
	return all
}

// MayPickUp tells whether a user may take a call that rings some users: one of them is himself, or of a group of his.
func (p *Plan) MayPickUp(user string, rung []string) bool {
	if user == "" {
		return false
	}
	mates := p.mates(user)
	return slices.ContainsFunc(rung, func(other string) bool { return other == user || mates[other] })
}

// UserOf is the user whom an extension rings alone, "" for none.
func (p *Plan) UserOf(extension string) string {
	if e := p.extensions[extension]; e.Kind == "user" {
		return e.User
	}
	return ""
}

// Act does what a feature changes of how a user is called. Errors: *Invalid.
func (d *Directory) Act(ctx context.Context, user string, c Code) error {
	if user == "" {
		return invalid("user", "only people can do this")
	}
	switch c.Feature {
	case DNDOn, DNDOff:
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.DND = c.Feature == DNDOn })
	case ForwardOff:
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.Always = nil })
	case ForwardOn:
		plan, err := d.Plan(ctx)
		if err != nil {
			return err
		}
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.Always = plan.forwardTo(c.Argument) })
	}
	return fmt.Errorf("%s: %w", c.Feature, ErrNotFound)
}

// forwardTo is where calls go that are forwarded to a number as it is dialled.
func (p *Plan) forwardTo(dialled string) *Forward {
	if _, inside := p.extensions[dialled]; inside {
		return &Forward{Kind: "extension", Number: dialled}
	}
	return &Forward{Kind: "number", Number: dialled, Confirm: true}
}
