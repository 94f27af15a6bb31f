package blob

import (
	"fmt"
	"strings"
)

// Open opens the store at a place: s3://… (see ParseS3) or a folder. An S3 store that is away is no error: it may
// come back.
func Open(place string) (Store, error) {
	scheme, _, isURL := strings.Cut(place, "://")
	if !isURL {
		return NewFiles(place)
	}
	if scheme != "s3" {
		return nil, fmt.Errorf("contents are kept in a folder or at s3://…, not at %s://…", scheme)
	}
	c, err := ParseS3(place)
	if err != nil {
		return nil, err
	}
	return NewS3(c)
}
