package crmcore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
)

// parse reads a point as typed (Raw, or Value where there is no Raw): several numbers where several were. A number that
// was taken in the past as it would not be now stays.
func (c *Core) parse(p record.Point) ([]address.Address, error) {
	raw := cmp.Or(p.Raw, p.Value)
	if p.Kind == address.Email {
		a, err := address.ParseEmail(raw)
		return []address.Address{a}, err
	}
	all, err := address.Typed(raw, c.cfg.Region)
	switch {
	case err != nil && p.Value != raw && address.IsE164(p.Value):
		return []address.Address{{Kind: address.Phone, Value: p.Value, Ext: p.Ext, Raw: raw, Last: p.Last}}, nil
	case err != nil:
		return []address.Address{{Kind: address.Phone, Raw: raw}}, err
	case p.Ext != "":
		all[0].Ext = fold.Clip(address.Digits(p.Ext), 12)
	}
	return all, nil
}

// normalise checks the points of a record and writes them canonically, each once. Only a lead may keep a number that
// can't be dialled from anywhere, as its call brought it.
func (c *Core) normalise(ctx context.Context, points []record.Point, kind record.Kind) ([]record.Point, error) {
	if len(points) > input.MaxPoints {
		return nil, input.Refuse("points", fmt.Sprintf("at most %d", input.MaxPoints))
	}
	out := []record.Point{}
	for i, p := range points {
		name := fmt.Sprintf("points[%d]", i)
		if p.Kind != address.Phone && p.Kind != address.Email {
			return nil, input.Refuse(name, "kind is phone or email")
		}
		all, err := c.parse(p)
		if err != nil && !(kind == record.Lead && errors.Is(err, address.ErrNumber) && all[0].Ending() != "") {
			return nil, input.Refuse(name, err.Error())
		}
		if err := input.Texts(input.Bound(name, &p.Label, 0, 50)); err != nil {
			return nil, err
		}
		for _, a := range all {
			if err := c.notOwn(ctx, name, a); err != nil {
				return nil, err
			}
			one := record.Point{Kind: a.Kind, Value: a.Value, Ext: a.Ext, Raw: a.Raw, Label: p.Label, Last: a.Last}
			if !slices.ContainsFunc(out, one.Same) {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

func (c *Core) notOwn(ctx context.Context, name string, a address.Address) error {
	own, err := c.cfg.Own(ctx, a)
	if err == nil && own {
		err = input.Refuse(name, a.Show()+" is our own and can't be a client's")
	}
	return err
}
