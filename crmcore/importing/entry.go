package importing

import (
	"strings"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
)

// entry is a line of a file as its columns were told.
type entry struct {
	name, position, company, website, comment, responsible, title string
	points                                                        []record.Point
	fields                                                        record.Values
}

func (b *batch) read(line []string) entry {
	mapping := b.of.Mapping
	e := entry{fields: record.Values{}}
	var first, last string
	for i, cell := range line {
		if cell == "" || i >= len(mapping) {
			continue
		}
		switch t := mapping[i]; t {
		case firstName:
			first = cell
		case lastName:
			last = cell
		case phone:
			e.reached(address.Phone, cell)
		case email:
			e.reached(address.Email, cell)
		default:
			if id, own := strings.CutPrefix(string(t), ownField); own {
				e.fields[id] = b.values(b.fields[id], cell)
			} else if at := e.at(t); at != nil {
				*at = cell
			}
		}
	}
	if e.name == "" {
		e.name = strings.TrimSpace(first + " " + last)
	}
	return e
}

func (e *entry) at(t Target) *string {
	return map[Target]*string{name: &e.name, position: &e.position, company: &e.company, website: &e.website,
		comment: &e.comment, responsible: &e.responsible, title: &e.title}[t]
}

// reached takes a cell of numbers or mailboxes: exports put several into one.
func (e *entry) reached(kind address.Kind, cell string) {
	for _, raw := range strings.FieldsFunc(cell, func(r rune) bool {
		return r == ';' || r == '\n' || r == '|' || r == ',' && (kind == address.Email || strings.Contains(cell, "+"))
	}) {
		if raw = strings.TrimSpace(raw); raw != "" {
			e.points = append(e.points, record.Point{Kind: kind, Raw: raw, Value: raw})
		}
	}
}
