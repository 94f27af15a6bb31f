package importing

import (
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/fold"
)

// values are a cell as a field keeps it; what is no such value stays as it is, to be refused with a reason.
func (b *batch) values(f field.Field, cell string) []string {
	all := []string{cell}
	if f.Type == field.Choices || f.Type == field.Tags {
		all = strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	}
	for i, v := range all {
		all[i] = b.value(f, strings.TrimSpace(v))
	}
	return all
}

func (b *batch) value(f field.Field, v string) string {
	switch f.Type {
	case field.Choice, field.Choices:
		named := func(o field.Option) bool { return fold.Text(o.Name) == fold.Text(v) }
		if at := slices.IndexFunc(f.Choices, named); at >= 0 {
			return f.Choices[at].ID
		}
	case field.User:
		if id := b.users[fold.Text(v)]; id != "" {
			return id
		}
	case field.YesNo:
		for answer, words := range yesNo() {
			if slices.Contains(words, fold.Text(v)) {
				return answer
			}
		}
	case field.Date:
		return day(v)
	case field.Number:
		return number(v)
	case field.Money:
		if at := strings.LastIndexByte(v, ' '); at > 0 {
			return number(v[:at]) + v[at:]
		}
	}
	return v
}

// yesNo are the words of exports in the languages of the workplace.
func yesNo() map[string][]string {
	return map[string][]string{
		"yes": {"yes", "true", "1", "y", "da", "да"},
		"no":  {"no", "false", "0", "n", "nu", "нет"},
	}
}

// day is a date in its usual writings; 01/02/2026 means another day in every country and is none of them.
func day(v string) string {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", time.RFC3339, "2.1.2006",
		"2.1.2006 15:04:05", "2.1.2006 15:04"} {
		if at, err := time.Parse(layout, v); err == nil {
			return at.Format(time.DateOnly)
		}
	}
	return v
}

// number has a point: of 1 234,50 and 1,234.50 alike.
func number(v string) string {
	v = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, v)
	point, comma := strings.LastIndexByte(v, '.'), strings.LastIndexByte(v, ',')
	if comma > point && strings.Count(v, ",") == 1 {
		return strings.ReplaceAll(strings.ReplaceAll(v, ".", ""), ",", ".")
	}
	if point > comma && strings.Count(v, ".") == 1 {
		return strings.ReplaceAll(v, ",", "")
	}
	return v
}
