package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"frontdesk/web/api"
)

//go:embed all:app/dist
var built embed.FS

// workplace serves the pages of the browser side. Every path that is no file is its index: the pages do the routing.
type workplace struct {
	files map[string]*asset
}

// asset is a file of the workplace.
type asset struct {
	kind      string
	etag      string
	immutable bool // its name holds a hash of its content
	plain     func() []byte
	zipped    func() []byte // nil: it is not worth it
}

func newWorkplace() *workplace {
	root, err := fs.Sub(built, "app/dist")
	if err != nil {
		panic(err) // the folder is embedded: a fault of the build
	}
	return readWorkplace(root)
}

func readWorkplace(root fs.FS) *workplace {
	w := &workplace{files: map[string]*asset{}}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		if err == nil {
			full, packed := strings.CutSuffix("/"+name, ".gz")
			w.files[full] = newAsset(full, data, packed)
		}
		return err
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return w
}

// newAsset is a file as it was built: most are packed (app/scripts/pack.mjs), as nearly every browser takes them.
func newAsset(name string, data []byte, packed bool) *asset {
	sum := sha256.Sum256(data)
	a := &asset{kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:12]) + `"`,
		immutable: strings.HasPrefix(name, "/assets/")}
	if a.kind == "" {
		a.kind = "application/octet-stream"
	}
	as := func() []byte { return data }
	switch {
	case packed:
		a.zipped, a.plain = as, func() []byte { return unzip(data) }
	case len(data) >= compressFrom && compressible(a.kind):
		a.plain, a.zipped = as, sync.OnceValue(func() []byte { return zip(data) })
	default:
		a.plain = as
	}
	return a
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	gz, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level
	gz.Write(data)                                         // to memory
	gz.Close()
	return b.Bytes()
}

func unzip(data []byte) []byte {
	var plain []byte
	gz, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		plain, err = io.ReadAll(gz)
	}
	if err != nil {
		panic(err) // a file that is embedded so: a fault of the build
	}
	return plain
}

func (w *workplace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if w.files[r.URL.Path] == nil && forMachines(r.URL.Path) {
		api.WriteProblem(rw, http.StatusNotFound, "There is nothing here.")
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		rw.Header().Set("Allow", "GET, HEAD")
		api.WriteProblem(rw, http.StatusMethodNotAllowed, "Pages are only read.")
		return
	}
	a := w.files[r.URL.Path]
	switch {
	case a != nil:
		a.serve(rw, r)
	case path.Ext(r.URL.Path) != "" && strings.HasPrefix(r.URL.Path, "/assets/"):
		api.WriteProblem(rw, http.StatusNotFound,
			"There is no such file; the workplace was renewed. Load the page again.")
	case w.files["/index.html"] != nil:
		w.files["/index.html"].serve(rw, r)
	default:
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.WriteHeader(http.StatusServiceUnavailable)
		rw.Write([]byte(notBuilt)) // to a client that may be gone
	}
}

// forMachines tells the paths at which programs look for what we may not have (RFC 8615, autoconfig, Autodiscover,
// robots.txt): a page there would be taken for it.
func forMachines(p string) bool {
	p = strings.ToLower(p)
	for _, known := range []string{"/.", "/autodiscover", "/autoconfig", "/ews/", "/microsoft-server-activesync",
		"/mail/config-v"} {
		if strings.HasPrefix(p, known) {
			return true
		}
	}
	switch path.Ext(p) {
	case ".xml", ".txt", ".json", ".ico", ".php", ".asp", ".aspx", ".asmx", ".webmanifest", ".map", ".js", ".css":
		return true
	}
	return false
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", a.etag)
	h.Set("Cache-Control", "no-cache")
	if a.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == a.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data := a.plain
	if a.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			data = a.zipped
		}
	}
	if r.Method == http.MethodGet {
		w.Write(data()) // to a client that may be gone
	}
}

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Frontdesk</title>
<body style="font:16px/1.5 system-ui;max-width:36em;margin:4em auto;padding:0 1em">
<h1>The workplace is not built yet</h1>
<p>This program was compiled without its browser side. Run <code>make</code> in the source folder, which builds the workplace with Node 20
and then the program, and start it again.</p>
<p>The API works: see <a href="/api/docs">its page</a>.</p>
`
