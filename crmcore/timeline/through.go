package timeline

import "context"

// By is what changed a record, when it was not somebody in the workplace.
type By string

const (
	ByAPI    By = "api"    // a program, with a token of somebody's
	ByImport By = "import" // a file that somebody brought in, or took back
	ByMerge  By = "merge"
)

type byKey struct{}

// Through is the context of changes that are made by something.
func Through(ctx context.Context, by By) context.Context { return context.WithValue(ctx, byKey{}, by) }

func through(ctx context.Context) By {
	by, _ := ctx.Value(byKey{}).(By)
	return by
}
