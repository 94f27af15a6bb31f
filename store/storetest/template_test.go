package storetest

import (
	"path/filepath"
	"sync"
	"testing"
)

// Tests that run at the same time and find no template make one each, and none takes another's away.
func TestTemplateIsMadeBesideOthers(t *testing.T) {
	template := filepath.Join(t.TempDir(), "frontdesk", "test-x.db")
	var making sync.WaitGroup
	for range 3 {
		making.Go(func() {
			if content, err := makeSQLite(t, template); err != nil || len(content) == 0 {
				t.Errorf("%d bytes, %v", len(content), err)
			}
		})
	}
	making.Wait()
}
