package query_test

import (
	"slices"
	"testing"

	"frontdesk/store/query"
)

func TestAStatementGrowsWithItsArguments(t *testing.T) {
	own := func(q *query.Builder) { q.Add(" AND owner = ?", "me") }
	for want, q := range map[string]*query.Builder{
		"SELECT 1":                           query.New("SELECT 1"),
		"a = $1 AND b = $2":                  query.New("a = ?", 1).Add(" AND b = ?", 2),
		"id IN (NULL)":                       query.New("id").In(nil),
		"id IN ($1, $2, $3, $4)":             query.New("id").In([]string{"a", "b", "c"}),
		"x = $1 AND id IN ($2)":              query.New("x = ?", 1).Add(" AND id").In([]string{"a"}),
		"word IN (NULL)":                     query.New("word").InBytes(nil),
		"word IN ($1, $2, $3)":               query.New("word").InBytes([][]byte{{1}, {2}, {3}}),
		"TRUE AND owner = $1 AND id = $2":    query.New("TRUE").With(own).Add(" AND id = ?", 7),
		"INSERT t (a) VALUES ($1, $2), ($3)": query.New("INSERT t (a) VALUES ").Values(1, 2).Values(3),
	} {
		if q.String() != want {
			t.Errorf("got %q, want %q", q, want)
		}
	}
	if q := query.New("id").In([]string{"a", "b", "c"}); !slices.Equal(q.Args, []any{"a", "b", "c", "c"}) {
		t.Errorf("arguments: %v", q.Args)
	}
}
