package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"frontdesk/store/blob"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

func TestS3StoreThatIsAwayComesBack(t *testing.T) {
	server := storetest.StartS3(t)
	blobs := storetest.Blobs(t, server.URL(""))
	key := put(t, blobs, []byte("before"))
	server.Kill()
	if _, _, err := blobs.Put(t.Context(), strings.NewReader("meanwhile")); !errors.Is(err, blob.ErrAway) {
		t.Errorf("put: %v", err)
	}
	if _, err := blobs.Open(t.Context(), key); !errors.Is(err, blob.ErrAway) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open: %v", err)
	}
	if _, err := blobs.Size(t.Context(), key); !errors.Is(err, blob.ErrAway) {
		t.Errorf("size: %v", err)
	}
	if err := blobs.Delete(t.Context(), key); !errors.Is(err, blob.ErrAway) {
		t.Errorf("delete: %v", err)
	}
	if err := blobs.Each(t.Context(), func(string) error { return nil }); !errors.Is(err, blob.ErrAway) {
		t.Errorf("each: %v", err)
	}
	err := blobs.Ping(t.Context())
	if !errors.Is(err, blob.ErrAway) || strings.Contains(err.Error(), "secret") {
		t.Errorf("ping: %v", err)
	}
	server.Start()
	if err := blobs.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if got := get(t, blobs, key); string(got) != "before" {
		t.Errorf("read %q", got)
	}
	put(t, blobs, []byte("after"))
}

// A reader in the middle of a blob survives the loss of its server: on the same one when it is back, else on another.
func TestS3ReaderGoesOn(t *testing.T) {
	first := storetest.StartS3(t)
	second := first.Second()
	blobs := storetest.Blobs(t, first.URL("", second))
	content := noise(3, 30<<20)
	key := put(t, blobs, content)
	r, err := blobs.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	half := make([]byte, 5<<20)
	if _, err := io.ReadFull(r, half); err != nil {
		t.Fatal(err)
	}
	first.Kill()
	rest, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(append(half, rest...), content) {
		t.Errorf("%d bytes came, %v", len(half)+len(rest), err)
	}
}

func TestS3UsesTheEndpointThatAnswers(t *testing.T) {
	first := storetest.StartS3(t)
	second := first.Second()
	blobs := storetest.Blobs(t, first.URL("", second))
	key := put(t, blobs, []byte("one"))
	first.Kill()
	other := put(t, blobs, noise(4, 1<<20))
	if got := get(t, blobs, key); string(got) != "one" {
		t.Errorf("read %q", got)
	}
	first.Start()
	second.Kill()
	if size, err := blobs.Size(t.Context(), other); err != nil || size != 1<<20 {
		t.Errorf("back at the first: %d, %v", size, err)
	}
	if len(keys(t, blobs)) != 2 {
		t.Error("two keys were expected")
	}
}

// The preferred endpoint is used again once it is back, though the other one never failed.
func TestS3ComesBackToThePreferredEndpoint(t *testing.T) {
	first := storetest.StartS3(t)
	other := storetest.StartS3(t) // a store of its own, to tell who answered
	blobs := storetest.Blobs(t, first.URL("", other))
	key := put(t, blobs, []byte("only at the first"))
	first.Kill()
	if _, err := blobs.Size(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the other store answered %v", err)
	}
	first.Start()
	testwait.Until(t, "the first to be asked again", func() bool {
		_, err := blobs.Size(t.Context(), key)
		return err == nil
	})
}

// A server that takes connections and says nothing must not hold anybody longer than he wants to wait.
func TestS3ObeysTheContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	blobs := storetest.Blobs(t, "s3://a:b@"+l.Addr().String()+"/bucket?tls=off")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := l.Accept(); err == nil {
			defer conn.Close()
			cancel()
			<-t.Context().Done()
		}
	}()
	if _, _, err := blobs.Put(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if err := blobs.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, blob.ErrAway) {
		t.Errorf("timed out: %v", err)
	}
}

func TestS3ErrorsThatWaitingDoesNotCure(t *testing.T) {
	server := storetest.StartS3(t)
	for what, url := range map[string]string{
		"no bucket":    strings.Replace(server.URL(""), "/contents?", "/nothing?", 1),
		"wrong secret": strings.Replace(server.URL(""), ":a%2F", ":b%2F", 1),
	} {
		err := storetest.Blobs(t, url).Ping(t.Context())
		if err == nil || errors.Is(err, blob.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
		if _, _, err := storetest.Blobs(t, url).Put(t.Context(), strings.NewReader("x")); err == nil ||
			errors.Is(err, blob.ErrAway) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("put with %s: %v", what, err)
		}
	}
}

// The same on S3: an upload in parts whose node died.
func TestTidyOfS3(t *testing.T) {
	server := storetest.StartS3(t)
	place := server.URL("a/folder/")
	b := storetest.Blobs(t, place)
	key := put(t, b, noise(4, 20<<20))
	c, err := blob.ParseS3(place)
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.NewCore(c.Endpoints[0],
		&minio.Options{Creds: credentials.NewStaticV4(c.Access, c.Secret, ""), Secure: c.TLS, Region: c.Region})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{c.Prefix + strings.Repeat("a", 64), "another/" + strings.Repeat("a", 64)} {
		if _, err := client.NewMultipartUpload(t.Context(), c.Bucket, name, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.Tidy(t.Context(), time.Hour); err != nil || n != 0 {
		t.Errorf("removed %d that may be under way, %v", n, err)
	}
	if n, err := b.Tidy(t.Context(), -time.Hour); err != nil || n != 1 {
		t.Errorf("removed %d, %v", n, err)
	}
	left, err := client.ListMultipartUploads(t.Context(), c.Bucket, "", "", "", "", 10)
	if err != nil || len(left.Uploads) != 1 {
		t.Errorf("left %+v, %v", left.Uploads, err)
	}
	get(t, b, key)
}
