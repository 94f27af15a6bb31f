// Command frontdesk is the whole program: see usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // every node knows the same time zones, whatever its system has

	"frontdesk/store"
)

const usage = `Frontdesk: calls, mail and meetings around one CRM.

  frontdesk serve --config FILE       run the server (configs/frontdesk.yaml shows every key)
  frontdesk check --config FILE       tell what would fail
  frontdesk demo                      run a demo company on this machine, loopback only
  frontdesk ring --to NUMBER          place a real SIP call and tell what happens
  frontdesk post --to ADDRESS         send a real mail and tell what happens
  frontdesk password --config FILE --login LOGIN
                                      give a user a new password
  frontdesk backup --config FILE --to FOLDER
                                      keep all that the company has in a folder, while the server runs
  frontdesk restore --config FILE --from FOLDER
                                      bring a backup back, into an empty database
  frontdesk db copy --from URL --to URL [--blobs-from PLACE --blobs-to PLACE]
                                      move a company to another, empty database and its mails to another store
  frontdesk db compare …              the same flags: tell whether two databases and stores hold the same
  frontdesk mail evaluate --index FILE, or --ham DIR --spam DIR
                                      tell how well the built-in junk filter sorts a collection of mails
  frontdesk openapi                   print the API's description
  frontdesk version                   which build this is
  frontdesk help                      this text

  frontdesk COMMAND --help            the flags of a command
`

type command func(ctx context.Context, args []string) error

func commands() map[string]command {
	return map[string]command{
		"serve": serve, "demo": demo, "ring": ring, "post": post, "password": password, "db": db, "mail": mailCommand,
		"openapi": openapi, "backup": backup, "restore": restore, "check": check, "version": tellVersion,
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	collectRarely()
	err := run(ctx, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		err = nil
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "frontdesk:", err)
		os.Exit(exitCode(err))
	}
}

// collectRarely lets twice as much garbage gather as what lives, unless GOGC says otherwise: what lives is small here,
// some 40 MB, and a mail costs a tenth less of the processor.
func collectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// replaced is the exit code when another process took this node's name (EX_CONFIG of sysexits.h): starting again would
// take it back, and so on without end. configs/frontdesk.service names it.
const replaced = 78

func exitCode(err error) int {
	if errors.Is(err, store.ErrReplaced) {
		return replaced
	}
	return 1
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Print(usage)
		return nil
	}
	do, known := commands()[args[0]]
	if !known {
		return fmt.Errorf("no command %q; `frontdesk help` lists them", args[0])
	}
	return do(ctx, args[1:])
}
