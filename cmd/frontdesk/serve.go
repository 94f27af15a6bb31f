package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/cmd/frontdesk/bind"
	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/store"
	"frontdesk/web"
)

// serve runs the server until ctx ends, then drains.
func serve(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	file := flags.String("config", "", "configuration file")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, err := configOf(*file)
	if err != nil {
		return err
	}
	log, err := newLog(c.Log, os.Stderr)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return lives(log, func() error { return serveOnce(ctx, c, log) })
}

// lives runs a node, and again each time that the others had to count it as lost: what it held is theirs, so it begins
// with nothing.
func lives(log *slog.Logger, life func() error) error {
	for {
		err := life()
		if !errors.Is(err, store.ErrFenced) {
			return err
		}
		log.Error("this node was not heard of for too long: its calls are over, it starts anew", "err", err)
	}
}

// serveOnce is one life of the node.
func serveOnce(ctx context.Context, c Config, log *slog.Logger) error {
	n, err := newNode(ctx, c, log, nil)
	if err != nil {
		return bind.Explain(err, c.listeners())
	}
	defer n.close()
	if err := n.firstLogin(ctx); err != nil {
		return err
	}
	n.start(ctx)
	return n.wait(ctx)
}

func configOf(file string) (Config, error) {
	if file == "" {
		return Config{}, errors.New("--config FILE is missing; configs/frontdesk.yaml is a sample")
	}
	return loadConfig(file)
}

// firstLogin makes the user admin on an empty installation and leaves his password in a file that only the server's
// user may read.
func (n *node) firstLogin(ctx context.Context) error {
	users, err := n.core.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	if holder, err := n.members.Hold(ctx, "first login"); err != nil || holder != n.config.Node {
		return err // several nodes start at once: one makes it
	}
	secret := rand.Text()
	path := filepath.Join(n.config.Data, "first-login.txt")
	if err := os.WriteFile(path, []byte("admin\n"+secret+"\n"), 0o600); err != nil {
		return err
	}
	_, err = n.core.CreateUser(ctx, people.System(), people.NewUser{Password: secret, User: people.User{
		Login: "admin", Name: "Administrator", Role: people.Admin, Access: people.AccessAll, Active: true,
		Locale: "en",
	}})
	if err != nil {
		return fmt.Errorf("first user: %w", err)
	}
	if _, err := n.core.SavePipeline(ctx, people.System(), firstPipeline()); err != nil {
		return fmt.Errorf("first pipeline: %w", err)
	}
	n.log.Info("first start: log in as admin, the password is in a file", "file", path)
	return nil
}

// firstPipeline is what a new company starts with; it is changed in the settings.
func firstPipeline() crmcore.Pipeline {
	return crmcore.Pipeline{Name: "Sales", Stages: []crmcore.Stage{
		{Name: "New", Kind: "open"}, {Name: "Qualified", Kind: "open"}, {Name: "Offer sent", Kind: "open"},
		{Name: "Negotiation", Kind: "open"},
		{Name: "Won", Kind: "won"}, {Name: "Lost", Kind: "lost"},
	}}
}

// password gives a user a new password, read from standard input or made up and printed.
func password(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("password", flag.ContinueOnError)
	file := flags.String("config", "", "configuration file")
	login := flags.String("login", "admin", "whose")
	stdin := flags.Bool("stdin", false, "read it from standard input; otherwise one is made and printed")
	anywhere := flags.Bool("anywhere", false, "log-ins may come from any network again, for all")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, err := configOf(*file)
	if err != nil {
		return err
	}
	g, err := openGround(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer g.close()
	secret := rand.Text()
	if *stdin {
		text, err := io.ReadAll(io.LimitReader(os.Stdin, 1024))
		if err != nil {
			return err
		}
		secret = strings.TrimRight(string(text), "\r\n")
	}
	if err := g.setPassword(ctx, *login, secret); err != nil {
		return err
	}
	if *anywhere {
		if err := secondfactor.AdmitAll(ctx, g.db); err != nil {
			return err
		}
	}
	if !*stdin {
		fmt.Println(secret)
	}
	return nil
}

// openapi prints the description of the API.
func openapi(_ context.Context, args []string) error {
	if err := parse(flag.NewFlagSet("openapi", flag.ContinueOnError), args); err != nil {
		return err
	}
	document, err := web.OpenAPI()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(document)
	return err
}
