package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func put(t testing.TB, b blob.Store, content []byte) string {
	t.Helper()
	key, size, err := b.Put(t.Context(), bytes.NewReader(content))
	if err != nil || size != int64(len(content)) || key != hashOf(content) {
		t.Fatalf("put %d bytes: key %s, size %d, %v", len(content), key, size, err)
	}
	return key
}

func get(t testing.TB, b blob.Store, key string) []byte {
	t.Helper()
	r, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func keys(t testing.TB, b blob.Store) (list []string) {
	t.Helper()
	if err := b.Each(t.Context(), func(key string) error { list = append(list, key); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// noise is content that no compression shortens; the same for the same seed.
func noise(seed uint64, size int) []byte {
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(content)
	return content
}

func TestBlobsKeepContentByHash(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, b blob.Store) {
		if list := keys(t, b); len(list) != 0 {
			t.Errorf("a new store has %v", list)
		}
		if err := b.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		key := put(t, b, []byte("hello"))
		put(t, b, []byte("hello"))
		empty := put(t, b, nil)
		if got := get(t, b, key); string(got) != "hello" {
			t.Errorf("read %q", got)
		}
		if got := get(t, b, empty); len(got) != 0 {
			t.Errorf("the empty content is %q", got)
		}
		want := []string{key, empty}
		slices.Sort(want)
		if got := keys(t, b); !slices.Equal(got, want) {
			t.Errorf("keys %v, want %v", got, want)
		}
		if size, err := b.Size(t.Context(), key); err != nil || size != 5 {
			t.Errorf("size %d, %v", size, err)
		}
		for range 2 {
			if err := b.Delete(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		if got := keys(t, b); !slices.Equal(got, []string{empty}) {
			t.Errorf("after the deletion there are %v", got)
		}
		if got := put(t, b, []byte("hello")); got != key || string(get(t, b, key)) != "hello" {
			t.Error("a deleted content does not come back")
		}
	})
}

func TestUnknownBlobs(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, b blob.Store) {
		for _, key := range []string{hashOf([]byte("nobody put this")), "../../etc/passwd", "",
			strings.Repeat("A", 64)} {
			if _, err := b.Open(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opening %q: %v", key, err)
			}
			if _, err := b.Size(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("size of %q: %v", key, err)
			}
			if err := b.Delete(t.Context(), key); err != nil {
				t.Errorf("deleting %q: %v", key, err)
			}
		}
	})
}

// On S3 this one is sent in parts.
func TestLargeBlob(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, b blob.Store) {
		content := noise(1, 35<<20)
		key := put(t, b, content)
		if !bytes.Equal(get(t, b, key), content) {
			t.Fatal("it comes back changed")
		}
		put(t, b, content)
		r, err := b.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		part := make([]byte, 1000)
		for _, step := range []struct {
			offset int64
			whence int
			at     int64
		}{
			{20 << 20, io.SeekStart, 20 << 20}, {-1000, io.SeekCurrent, 20 << 20},
			{1 << 20, io.SeekCurrent, 21<<20 + 1000},
			{-1000, io.SeekEnd, 35<<20 - 1000}, {0, io.SeekStart, 0}, {0, io.SeekCurrent, 1000},
		} {
			at, err := r.Seek(step.offset, step.whence)
			if err != nil || at != step.at {
				t.Fatalf("seek %+v: %d, %v", step, at, err)
			}
			if _, err := io.ReadFull(r, part); err != nil || !bytes.Equal(part, content[at:at+1000]) {
				t.Fatalf("after seek %+v: %v", step, err)
			}
		}
		if _, err := r.Seek(-1, io.SeekStart); err == nil {
			t.Error("a seek before the beginning succeeds")
		}
		if _, err := r.Seek(0, io.SeekEnd); err != nil {
			t.Error(err)
		}
		if n, err := r.Read(part); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
	})
}

// More keys than an S3 server lists at once, put by many.
func TestManyBlobs(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, b blob.Store) {
		const workers, each = 20, 56
		var work sync.WaitGroup
		for w := range workers {
			work.Go(func() {
				for i := range each {
					content := fmt.Appendf(nil, "content %d", w%10*each+i) // every one is put twice, by two
					key, _, err := b.Put(t.Context(), bytes.NewReader(content))
					if err != nil || key != hashOf(content) {
						t.Errorf("%s: %s %v", content, key, err)
					}
					one, _, err := b.Put(t.Context(), strings.NewReader(fmt.Sprint(w, "'s own ", i)))
					if err != nil {
						t.Error(err)
					}
					if size, err := b.Size(t.Context(), one); err != nil || size < 7 {
						t.Errorf("size %d, %v", size, err)
					}
				}
			})
		}
		work.Wait()
		list := keys(t, b)
		if want := workers*each + workers/2*each; len(slices.Compact(list)) != want {
			t.Errorf("%d keys, want %d", len(list), want)
		}
		stop, n := errors.New("enough"), 0
		err := b.Each(t.Context(), func(string) error {
			if n++; n == 5 {
				return stop
			}
			return nil
		})
		if err != stop || n != 5 {
			t.Errorf("%v after %d keys", err, n)
		}
	})
}

func TestInterruptedPut(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, b blob.Store) {
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		broken := errors.New("the line broke")
		for _, size := range []int{10, 1 << 20} {
			r := io.MultiReader(bytes.NewReader(noise(2, size)), iotest.ErrReader(broken))
			if _, _, err := b.Put(t.Context(), r); !errors.Is(err, broken) {
				t.Errorf("after %d bytes: %v", size, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := b.Put(ctx, strings.NewReader("too late")); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if list := keys(t, b); len(list) != 0 {
			t.Errorf("halves are kept: %v", list)
		}
		if left, _ := os.ReadDir(tmp); len(left) != 0 {
			t.Errorf("temporary files are left: %v", left)
		}
	})
}

func TestOpenBlobsSaysWhatIsWrong(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	for _, place := range []string{
		"ftp://host/bucket", "s3://", "s3://joe:hunter2@/bucket", "s3://joe:hunter2@host", "s3://joe:hunter2@host/a/b",
		"s3://joe:hunter2@host,/bucket",
		"s3://host/bucket", "s3://joe@host/bucket", "s3://joe:hunter2%zz@host/bucket",
		"s3://joe:hunter2@host/bucket?tls=maybe", "s3://joe:hunter2@host/bucket?colour=red",
		"s3://joe:hunter2@host:port:9/bucket", "s3://joe:hunter2@ho st/bucket",
	} {
		_, err := blob.Open(place)
		if err == nil {
			t.Errorf("%q was opened", place)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the secret: %v", place, err)
		}
	}
}

func TestParseS3(t *testing.T) {
	got, err := blob.ParseS3("s3://a%2Fb:c%40d@one:9000,[::1]:9001/bucket?region=eu&tls=off&prefix=/x/y/")
	want := blob.S3Config{Endpoints: []string{"one:9000", "[::1]:9001"}, Region: "eu", Bucket: "bucket",
		Prefix: "x/y/", Access: "a/b", Secret: "c@d"}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v", got, err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "env")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "sec")
	if got, err := blob.ParseS3("s3://host/bucket"); err != nil || got.Access != "env" || got.Secret != "sec" ||
		!got.TLS {
		t.Errorf("from the environment: %+v, %v", got, err)
	}
}

func FuzzParseS3(f *testing.F) {
	f.Add("s3://a:b@host:1,host:2/bucket?region=eu")
	f.Fuzz(func(t *testing.T, text string) { blob.ParseS3(text) })
}

func BenchmarkBlobPut(b *testing.B) {
	b.Run("files", func(b *testing.B) { benchmarkPut(b, storetest.Blobs(b, b.TempDir())) })
	b.Run("s3", func(b *testing.B) { benchmarkPut(b, storetest.Blobs(b, storetest.StartS3(b).URL(""))) })
}

func benchmarkPut(b *testing.B, blobs blob.Store) {
	body := strings.Repeat("0123456789", 1000)
	var n atomic.Int64
	b.SetParallelism(10)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := blobs.Put(b.Context(), strings.NewReader(fmt.Sprint(n.Add(1), body))); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blobs/s")
}

// A Put that broke off leaves no blob, and what it did leave goes with time; one that is under way is not touched.
func TestTidyOfFiles(t *testing.T) {
	root := t.TempDir()
	b := storetest.Blobs(t, root)
	key := put(t, b, []byte("whole"))
	broken, running := filepath.Join(root, key[:2], "broken"), filepath.Join(root, "tmp", "running")
	for _, name := range []string{broken, running} {
		if err := os.WriteFile(name, []byte("ha"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, name := range []string{broken, filepath.Join(root, key[:2], key)} {
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.Tidy(t.Context(), time.Hour); err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}
	if _, err := os.Stat(running); err != nil {
		t.Error(err)
	}
	get(t, b, key)
}
