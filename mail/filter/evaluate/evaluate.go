// Package evaluate tells how well the built-in junk filter sorts a collection of mails.
package evaluate

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/mail/filter"
)

// Mail is one of a collection, and what people say it is.
type Mail struct {
	path string
	junk bool
}

// Collection reads TREC's index, or two folders, whose mails come in an order drawn by lot.
func Collection(index, ham, spam string, seed uint64) ([]Mail, error) {
	switch {
	case index != "" && ham+spam == "":
		return readIndex(index)
	case index == "" && ham != "" && spam != "":
		return readFolders(ham, spam, seed)
	}
	return nil, errors.New("give --index, or --ham and --spam")
}

func readIndex(index string) (mails []Mail, err error) {
	file, err := os.Open(index)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		kind := strings.ToLower(fields[0])
		if len(fields) != 2 || kind != "spam" && kind != "ham" {
			return nil, fmt.Errorf("%s, line %d: %q is not `spam PATH` or `ham PATH`", index, n, lines.Text())
		}
		path := fields[1]
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(index), path)
		}
		mails = append(mails, Mail{path, kind == "spam"})
	}
	return mails, lines.Err()
}

func readFolders(ham, spam string, seed uint64) (mails []Mail, err error) {
	for _, of := range []Mail{{ham, false}, {spam, true}} {
		err := filepath.WalkDir(of.path, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				mails = append(mails, Mail{path, of.junk})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(mails), func(i, j int) { mails[i], mails[j] = mails[j], mails[i] })
	return mails, nil
}

// Run lets a filter judge the mails and writes what came of it: after some, and in the end.
func Run(ctx context.Context, out io.Writer, mails []Mail, all bool) error {
	trial, scores, first := filter.NewTrial(), filter.Scores{}, 100
	var spent time.Duration
	fmt.Fprintln(out, "   mails     junk   junk missed   wanted mail in Junk   1-ROCA")
	for n, m := range mails {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		raw = withoutEnvelope(raw)
		began := time.Now()
		scores.Add(trial.Judge(raw, func(score float64) (bool, bool) {
			return all || (score >= filter.JunkAbove) != m.junk, m.junk
		}), m.junk)
		spent += time.Since(began)
		if n+1 == first || n+1 == len(mails) {
			fmt.Fprintf(out, "%8d %8d %11.2f %% %19.2f %% %8.4f %%\n", n+1, len(scores.Junk),
				100*scores.Missed(filter.JunkAbove), 100*scores.Condemned(filter.JunkAbove), 100*scores.AboveROC())
			first *= 10
		}
	}
	fmt.Fprintf(out, "Where at most 1 %% of the junk is missed, %.2f %% of the wanted mails are in Junk. "+
		"%v a mail, learning included.\n",
		100*scores.CondemnedWhere(0.01), (spent / time.Duration(max(len(mails), 1))).Round(time.Microsecond))
	return nil
}

// withoutEnvelope is a message without the line of a Unix mailbox before its header ("From sender date").
func withoutEnvelope(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return raw
}
