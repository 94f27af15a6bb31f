package storetest

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/store/blob"
)

// S3Env names the variable with the path of versitygw, an S3 server over a folder. Without it the place where `make
// tools` installs it is looked at.
const S3Env = "FRONTDESK_TEST_VERSITYGW"

// What the test servers let in: a secret that only a percent-encoded URL can carry.
const (
	s3Access = "frontdesk"
	s3Secret = "a/secret+with:odd@signs%"
	s3Bucket = "contents"
)

// S3 is a running S3 server on loopback.
type S3 struct {
	Addr string // stays the same over Kill and Start
	t    testing.TB
	root string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// StartS3 starts a server with an empty bucket, which ends with the test.
func StartS3(t testing.TB) *S3 {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, s3Bucket), 0o700); err != nil {
		t.Fatal(err)
	}
	return startS3(t, root)
}

// Second starts another server over the same bucket.
func (s *S3) Second() *S3 {
	s.t.Helper()
	return startS3(s.t, s.root)
}

func startS3(t testing.TB, root string) *S3 {
	t.Helper()
	s := &S3{Addr: fmt.Sprintf("127.0.0.1:%d", FreePort(t, "127.0.0.1")), t: t, root: root}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start brings the server up, or back after Kill.
func (s *S3) Start() {
	s.t.Helper()
	s.cmd = exec.Command(versitygw(s.t), "--port", s.Addr, "--access", s3Access, "--secret", s3Secret, "--keep-alive",
		"--quiet", "posix", s.root)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		conn, err := net.Dial("tcp", s.Addr)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			s.Kill()
			s.t.Fatalf("the S3 server does not start: %s", s.log.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Kill ends the server at once, with all its connections.
func (s *S3) Kill() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s.cmd = nil
	}
}

// URL of the bucket, for blob.Open. The servers are endpoints of one store.
func (s *S3) URL(prefix string, others ...*S3) string {
	hosts := s.Addr
	for _, o := range others {
		hosts += "," + o.Addr
	}
	return "s3://" + s3Access + ":" + url.QueryEscape(s3Secret) + "@" + hosts + "/" + s3Bucket + "?tls=off&prefix=" +
		prefix
}

func versitygw(t testing.TB) string {
	t.Helper()
	path := os.Getenv(S3Env)
	if cache, err := os.UserCacheDir(); path == "" && err == nil {
		path = filepath.Join(cache, "frontdesk", "versitygw-v1.8.0", "versitygw")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no S3 server to test with: run make tools, or set " + S3Env)
	}
	return path
}

// EachBlobs runs the test on files and on S3, each time empty.
func EachBlobs(t *testing.T, test func(t *testing.T, b blob.Store)) {
	t.Helper()
	t.Run("files", func(t *testing.T) { test(t, Blobs(t, t.TempDir())) })
	t.Run("s3", func(t *testing.T) { test(t, Blobs(t, StartS3(t).URL("a/folder"))) })
}

// Blobs opens a store.
func Blobs(t testing.TB, place string) blob.Store {
	t.Helper()
	b, err := blob.Open(place)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
