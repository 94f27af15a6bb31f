package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"frontdesk/mail/filter/evaluate"
)

const evaluateHelp = `frontdesk mail evaluate --index FILE
frontdesk mail evaluate --ham DIR --spam DIR

Tells how well the built-in junk filter sorts a collection of mails. It begins knowing nothing, judges one mail after
the other and then is told what it was. Nothing leaves this machine and nothing is kept.

`

// mailCommand is `frontdesk mail …`.
func mailCommand(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "evaluate" {
		return errors.New("mail: say what to do: `frontdesk mail evaluate --help`")
	}
	flags := flag.NewFlagSet("mail evaluate", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), evaluateHelp); flags.PrintDefaults() }
	index := flags.String("index", "",
		"a `FILE` in TREC's format, judged in its order: each line says spam or ham and the path\n"+
			"of a mail from the list's folder, such as ../data/inmail.1")
	ham := flags.String("ham", "",
		"a `DIR` of wanted mails, a file each, with its folders; judged with those of --spam, in an order drawn by lot")
	spam := flags.String("spam", "", "a `DIR` of junk")
	seed := flags.Uint64("seed", 1, "another number draws another order")
	feedback := flags.String("feedback", "all",
		"all: it is told what each mail was, as TREC does;\nerrors: only where it erred, as people move mails")
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	if *feedback != "all" && *feedback != "errors" {
		return fmt.Errorf("mail evaluate: --feedback is all or errors, not %q", *feedback)
	}
	mails, err := evaluate.Collection(*index, *ham, *spam, *seed)
	if err != nil {
		return fmt.Errorf("mail evaluate: %w", err)
	}
	return evaluate.Run(ctx, os.Stdout, mails, *feedback == "all")
}
