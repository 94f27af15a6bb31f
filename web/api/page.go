package api

// Page is one part of a list; Next is the `after` of the following part, "" at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"Give it as ?after= to read on; empty at the end"`
}

// List is a whole short list, in the form of a page.
func List[T any](items []T, err error) (Page[T], error) { return Page[T]{Items: items}, err }

// Paging is the part of a request that asks for a page.
type Paging struct {
	After string `query:"after" maxLength:"400" doc:"The next of the page before"`
	Limit int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// ByID is a request for one record.
type ByID struct {
	ID string `path:"id" maxLength:"400"`
}

// None is a request without parameters.
type None struct{}
