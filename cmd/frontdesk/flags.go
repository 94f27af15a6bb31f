package main

import (
	"flag"
	"fmt"
)

// parse reads a command's flags; what is left over is an error.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s: %q is no flag", flags.Name(), flags.Arg(0))
	}
	return nil
}
