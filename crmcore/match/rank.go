package match

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// manyHits people behind one address are a company.
const manyHits = 5

// rank sorts by open deal, last interaction, whether the responsible user is the one called, primary address; and says
// for each which of these it has.
func rank(hits []Hit, callees []string) {
	yours := func(h Hit) bool { return h.Responsible != "" && slices.Contains(callees, h.Responsible) }
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(preferred(a.deals > 0, b.deals > 0), cmp.Compare(b.last, a.last), preferred(yours(a), yours(b)),
			preferred(a.primary, b.primary), cmp.Compare(a.ID, b.ID))
	})
	for i := range hits {
		switch h := &hits[i]; {
		case h.deals > 0:
			h.Why = "open_deal"
		case h.last > 0:
			h.Why = "recent"
		case yours(*h):
			h.Why = "yours"
		case h.primary:
			h.Why = "primary"
		}
	}
}

func preferred(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func because(hits []Hit, why string) []Hit {
	for i := range hits {
		hits[i].Why = why
	}
	return hits
}

// companyFirst puts the company on top when the number is a company's own or that of many people, most of whom are
// from there; otherwise several people with one address leave the choice to whoever answers.
func companyFirst(ctx context.Context, db store.Queries, hits []Hit) ([]Hit, bool, error) {
	isCompany := func(h Hit) bool { return h.Kind == record.Company }
	if !slices.ContainsFunc(hits, isCompany) && len(hits) >= manyHits {
		h, err := sharedCompany(ctx, db, hits)
		if err != nil {
			return nil, false, err
		}
		if h.ID != "" {
			hits = append(hits, h)
		}
	}
	if !slices.ContainsFunc(hits, isCompany) {
		return hits, len(hits) > 1, nil
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return preferred(isCompany(a), isCompany(b)) })
	hits[0].Why = "company"
	several := len(hits) > 1 && isCompany(hits[1])
	return hits, several, nil
}

// sharedCompany is the company that more than half of the people are from; a zero Hit when there is none.
func sharedCompany(ctx context.Context, db store.Queries, hits []Hit) (Hit, error) {
	count := map[string]int{}
	best := ""
	for _, h := range hits {
		if count[h.company]++; h.company != "" && (best == "" || count[h.company] > count[best]) {
			best = h.company
		}
	}
	if count[best]*2 <= len(hits) {
		return Hit{}, nil
	}
	responsible, err := query.One(ctx, db, query.Text, query.New("SELECT responsible FROM company WHERE id = ?", best))
	if errors.Is(err, store.ErrNotFound) {
		return Hit{}, nil
	}
	return Hit{Ref: record.Company.Ref(best), Responsible: responsible}, err
}
