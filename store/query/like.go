package query

import "strings"

// EscapeLike is a text as LIKE … ESCAPE '\' looks for it.
func EscapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}
