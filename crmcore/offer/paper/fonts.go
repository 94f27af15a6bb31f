package paper

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
)

// files are Liberation Sans, packed: they are about half as large so.
//
//go:embed fonts/regular.ttf.gz fonts/bold.ttf.gz
var files embed.FS

// fonts are what documents are written in.
type fonts struct{ regular, bold []byte }

func unpacked() (f fonts, err error) {
	for name, to := range map[string]*[]byte{"regular": &f.regular, "bold": &f.bold} {
		packed, err := files.ReadFile("fonts/" + name + ".ttf.gz")
		if err != nil {
			return f, err
		}
		unpack, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return f, err
		}
		if *to, err = io.ReadAll(unpack); err != nil {
			return f, err
		}
	}
	return f, nil
}
