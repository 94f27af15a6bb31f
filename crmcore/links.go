package crmcore

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// links are the timelines that an activity with these clients goes on. A maybe goes on none by itself. A company's
// central number goes on the company's, and on the person's when only one has it. Until somebody chooses among several,
// it is on those of all.
func (f found) links(ctx context.Context, db store.Queries) ([]record.Ref, error) {
	if len(f.thread) > 0 {
		return f.thread, nil
	}
	if f.match != Exact || len(f.hits) == 0 {
		return nil, nil
	}
	hits := f.hits
	if hits[0].Kind == record.Company && len(hits) > 2 && !f.several {
		hits = hits[:1]
	}
	if f.several {
		refs := f.refs()
		return refs[:min(len(refs), maxLinks)], nil
	}
	var out []record.Ref
	for _, h := range hits {
		refs, err := h.lines(ctx, db)
		if err != nil {
			return nil, err
		}
		out = append(out, refs...)
	}
	return out, nil
}

// lines are the timelines of what happens with a hit.
func (h hit) lines(ctx context.Context, db store.Queries) ([]record.Ref, error) {
	switch {
	case h.deal != "":
		return []record.Ref{h.Ref, record.Deal.Ref(h.deal)}, nil
	case h.Kind == record.Contact:
		return []record.Ref{h.Ref}, nil
	}
	return timeline.WithDeal(ctx, db, h.Ref)
}
