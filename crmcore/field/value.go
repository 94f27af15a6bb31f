package field

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

const (
	maxText = 2000
	maxTag  = 50
	maxTags = 50
	maxKey  = 64 // bytes of a value by which lists find it
)

// several tells whether a field holds more than one value.
func (f Field) several() bool { return f.Type == Choices || f.Type == Tags }

// clean are the values in the one writing that is kept: numbers with a point, money as "1200.50 EUR", dates as
// 2026-11-30, yes and no, ids of choices and users. What is empty is left out; old values stay though they would be
// refused now.
func (f Field) clean(ctx context.Context, db store.Queries, values, old []string) ([]string, error) {
	var out []string
	for _, v := range values {
		v = strings.TrimSpace(v)
		if v == "" || slices.Contains(out, v) {
			continue
		}
		if !slices.Contains(old, v) {
			kept, err := f.cleanOne(ctx, db, v)
			if err != nil {
				return nil, err
			}
			v = kept
		}
		out = append(out, v)
	}
	switch {
	case !f.several() && len(out) > 1:
		return nil, f.refuse("has one value")
	case len(out) > maxTags:
		return nil, f.refuse(fmt.Sprintf("has at most %d values", maxTags))
	}
	return out, nil
}

func (f Field) refuse(problem string) error { return input.Refuse("fields."+f.ID, f.Name+" "+problem) }

func (f Field) cleanOne(ctx context.Context, db store.Queries, v string) (string, error) {
	switch f.Type {
	case Number:
		n, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > 1e12 {
			return "", f.refuse("is a number such as 12.5")
		}
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	case Money:
		amount, currency, ok := readMoney(v)
		if !ok {
			return "", f.refuse("is an amount such as 1200.50 EUR")
		}
		return fmt.Sprintf("%s %s", strconv.FormatFloat(amount, 'f', 2, 64), currency), nil
	case Date:
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			return "", f.refuse("is a date such as 2026-11-30")
		}
	case YesNo:
		if v != "yes" && v != "no" {
			return "", f.refuse("is yes or no")
		}
	case Choice, Choices:
		if !slices.ContainsFunc(f.Choices, func(o Option) bool { return o.ID == v }) {
			return "", f.refuse("has no such choice")
		}
	case User:
		names, err := people.Names(ctx, db, v)
		if err == nil && names[v] == "" {
			err = f.refuse("is no user")
		}
		return v, err
	case Tags:
		return v, input.Text("fields."+f.ID, v, 1, maxTag)
	default:
		return v, input.Text("fields."+f.ID, v, 1, maxText)
	}
	return v, nil
}

func readMoney(v string) (amount float64, currency string, ok bool) {
	number, currency, found := strings.Cut(v, " ")
	amount, err := strconv.ParseFloat(number, 64)
	letters := strings.IndexFunc(currency, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
	return amount, currency, found && err == nil && len(currency) == 3 && letters && math.Abs(amount) <= 1e12
}

// rank is where a value stands among others of its field: of numbers, money and dates, 0 of others.
func (t Type) rank(v string) int64 {
	switch t {
	case Number:
		n, _ := strconv.ParseFloat(v, 64)
		return int64(math.Round(n * 1e4))
	case Money:
		amount, _, _ := readMoney(v)
		return int64(math.Round(amount * 100))
	case Date:
		day, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return 0
		}
		return day.Unix() / 86400
	}
	return 0
}

// ranked tells whether values of the type are asked for by from and to.
func (t Type) ranked() bool { return t == Number || t == Money || t == Date }

// key is what lists find a value by: texts as people compare them.
func (t Type) key(v string) []byte {
	if t == Text || t == Tags {
		v = fold.Text(v)
	}
	return []byte(fold.Clip(v, maxKey))
}

// said are the values as people read them, in English.
func (f Field) said(ctx context.Context, db store.Queries, values []string) string {
	var words []string
	for _, v := range values {
		switch f.Type {
		case Choice, Choices:
			if at := slices.IndexFunc(f.Choices, func(o Option) bool { return o.ID == v }); at >= 0 {
				v = f.Choices[at].Name
			}
		case User:
			if names, err := people.Names(ctx, db, v); err == nil && names[v] != "" {
				v = names[v]
			}
		}
		words = append(words, v)
	}
	text := []rune(strings.Join(words, ", "))
	return string(text[:min(len(text), 200)])
}

// Checked are values as a new record of a kind keeps them. Errors: Invalid.
func Checked(ctx context.Context, db store.Queries, kind record.Kind, values record.Values) (record.Values, error) {
	out := record.Values{}
	if len(values) == 0 {
		return out, nil
	}
	fields, err := of(ctx, db, kind)
	for id, v := range values {
		if f, there := fields[id]; there && err == nil {
			if out[id], err = f.clean(ctx, db, v, nil); len(out[id]) == 0 {
				delete(out, id)
			}
		}
	}
	return out, err
}

// Usable are those of the values that a record of a kind may begin with: of what another record has, for one that is
// made of it.
func Usable(ctx context.Context, db store.Queries, kind record.Kind, values record.Values) (record.Values, error) {
	out := record.Values{}
	if len(values) == 0 {
		return out, nil
	}
	fields, err := of(ctx, db, kind)
	for id, f := range fields {
		if now, bad := f.clean(ctx, db, values[id], nil); bad == nil && len(now) > 0 {
			out[id] = now
		}
	}
	return out, err
}

// Named is a field by its id, with values as people read them, in English; store.ErrNotFound.
func Named(ctx context.Context, db store.Queries, kind record.Kind, id string, values []string) (f Field, said string,
	err error) {
	fields, err := of(ctx, db, kind)
	if err != nil {
		return f, "", err
	}
	f, there := fields[id]
	if !there {
		return f, "", store.ErrNotFound
	}
	return f, f.said(ctx, db, values), nil
}
