package record

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// Values are what a record has in the fields that a company adds: texts by the id of the field. What each may hold says
// package field.
type Values map[string][]string

// Scan reads them as they are kept.
func (v *Values) Scan(src any) error {
	var text []byte
	switch src := src.(type) {
	case string:
		text = []byte(src)
	case []byte:
		text = src
	default:
		return errors.New("values of fields are kept as text")
	}
	*v = Values{}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, v)
}

// Kept are they as they are kept.
func (v Values) Kept() string {
	if len(v) == 0 {
		return ""
	}
	text, _ := json.Marshal(v) // of texts
	return string(text)
}

// Equal tells whether two records have the same in their fields.
func (v Values) Equal(other Values) bool { return maps.EqualFunc(v, other, slices.Equal[[]string]) }

// With is a copy with some of them changed; an empty list takes one away.
func (v Values) With(changes Values) Values {
	all := maps.Clone(v)
	if all == nil {
		all = Values{}
	}
	for id, values := range changes {
		if len(values) == 0 {
			delete(all, id)
		} else {
			all[id] = values
		}
	}
	return all
}
