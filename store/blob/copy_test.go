package blob_test

import (
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// quiet is told how the work goes on.
func quiet(string) {}

func TestCopyBlobs(t *testing.T) {
	folder := t.TempDir()
	files, s3, back := storetest.Blobs(t, folder), storetest.Blobs(t, storetest.StartS3(t).URL("x")),
		storetest.Blobs(t, t.TempDir())
	for i := range 100 {
		put(t, files, noise(uint64(i), i*1000))
	}
	key := put(t, files, noise(1, 18<<20))
	if err := blob.Compare(t.Context(), files, s3, quiet); err == nil ||
		!strings.Contains(err.Error(), "101 of 101") {
		t.Errorf("before: %v", err)
	}
	for _, step := range [][2]blob.Store{{files, s3}, {files, s3}, {s3, back}} {
		if err := blob.Copy(t.Context(), step[0], step[1], quiet); err != nil {
			t.Fatal(err)
		}
		if err := blob.Compare(t.Context(), step[0], step[1], quiet); err != nil {
			t.Error(err)
		}
	}
	if got := keys(t, back); !slices.Equal(got, keys(t, files)) {
		t.Errorf("%d keys came back", len(got))
	}
	if string(get(t, back, key)) != string(noise(1, 18<<20)) {
		t.Error("a blob came back changed")
	}
	if err := os.WriteFile(filepath.Join(folder, key[:2], key), []byte("rotten"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := blob.Compare(t.Context(), files, s3, quiet); err == nil {
		t.Error("a changed size is not seen")
	}
	err := blob.Copy(t.Context(), files, storetest.Blobs(t, t.TempDir()), quiet)
	if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "backup") {
		t.Errorf("a rotten blob: %v", err)
	}
}
