package web

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

const openapiFile = "app/src/api/openapi.json"

//go:generate go test -run TestOpenAPIIsCurrent . -args -write
var write = flag.Bool("write", false, "write "+openapiFile)

func TestOpenAPIIsCurrent(t *testing.T) {
	document, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *write {
		if err := os.MkdirAll("app/src/api", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(openapiFile, document, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(openapiFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(document, committed) {
		t.Errorf("%s is old: run go generate ./web", openapiFile)
	}
}
