package mail

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/store"
)

// one is the scan function of a single column.
func one[T any](row store.Row) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// in is "($n, $n+1, …)" for the values, which it appends to args.
func in[T any](args []any, values []T) (string, []any) {
	marks := make([]string, len(values))
	for i, v := range values {
		args = append(args, v)
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	return "(" + strings.Join(marks, ", ") + ")", args
}

// padded repeats a value until their number is a power of two, so that there are few texts of a query to keep prepared.
func padded[T any](values []T) []T {
	values = slices.Clip(values)
	for len(values)&(len(values)-1) != 0 {
		values = append(values, values[0])
	}
	return values
}

// firstOf is the first of what a query found; without any, the error none.
func firstOf[T any](list []T, err, none error) (first T, _ error) {
	if err != nil {
		return first, err
	}
	if len(list) == 0 {
		return first, none
	}
	return list[0], nil
}
