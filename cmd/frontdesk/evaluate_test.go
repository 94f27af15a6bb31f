package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"frontdesk/mail/filter/evaluate"
)

// A collection is read in TREC's format and as two folders, and judged.
func TestEvaluate(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	index := ""
	for n := range 120 {
		kind, says := "ham", "the order of %d chairs will come on Monday, as agreed"
		if n%2 == 0 {
			kind, says = "spam", "you have won %d dollars, click here for your prize"
		}
		name := fmt.Sprintf("data/%s/%d", kind, n)
		write(name, fmt.Sprintf("From someone Mon Nov  2 10:00:00 2026\nFrom: a%d@b.test\nSubject: News\n\n"+says+
			"\n", n, n))
		index += kind + " ../" + name + "\n"
	}
	write("full/index", index)
	for name, read := range map[string]func() ([]evaluate.Mail, error){
		"index": func() ([]evaluate.Mail, error) {
			return evaluate.Collection(filepath.Join(dir, "full/index"), "", "", 1)
		},
		"folders": func() ([]evaluate.Mail, error) {
			return evaluate.Collection("", filepath.Join(dir, "data/ham"), filepath.Join(dir, "data/spam"), 1)
		},
	} {
		mails, err := read()
		var out bytes.Buffer
		if err == nil {
			err = evaluate.Run(t.Context(), &out, mails, true)
		}
		if err != nil || !regexp.MustCompile(`(?m)^ +120 +60 +\d+\.\d\d % +0\.00 % +\d\.\d{4} %$`).MatchString(out.String()) {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
	}
	write("wrong", "spam a b\n")
	for args, want := range map[string]string{
		"":                                   "`frontdesk mail evaluate --help`",
		"evaluate":                           "give --index, or --ham and --spam",
		"evaluate --ham x":                   "give --index, or --ham and --spam",
		"evaluate --feedback some":           "all or errors",
		"evaluate --index " + dir + "/wrong": "line 1",
		"evaluate --ham /none --spam /none":  "no such file",
	} {
		if err := mailCommand(t.Context(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}
