package timeline

import "context"

// By is what changed a record, when it was not somebody in the workplace.
type By string

const (
	ByAPI    By = "api"    // a program, with a token of somebody's
	ByImport By = "import" // a file that somebody brought in, or took back
	ByMerge  By = "merge"
	ByRule   By = "rule" // of the automation
)

type byKey struct{}

// Through is the context of changes that are made by something.
func Through(ctx context.Context, by By) context.Context { return context.WithValue(ctx, byKey{}, by) }

// Whence is what makes the changes of a context; "" when it is somebody in the workplace.
func Whence(ctx context.Context) By {
	by, _ := ctx.Value(byKey{}).(By)
	return by
}
