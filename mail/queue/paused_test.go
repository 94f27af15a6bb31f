package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// asNode names the variable that lets the test binary be a node of its own.
const asNode = "FRONTDESK_BE_A_NODE"

// otherNode is what that node works with.
type otherNode struct {
	Database, Blobs, DNS string
	Port                 int
}

var lively = store.MembersConfig{Beat: 200 * time.Millisecond, Patience: 3 * time.Second}

// run sends what there is until one attempt has ended.
func (n otherNode) run() error {
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	db, err := store.Open(ctx, n.Database)
	if err != nil {
		return err
	}
	blobs, err := blob.NewFiles(n.Blobs)
	if err != nil {
		return err
	}
	config := lively
	config.Node = "stopped"
	members, err := store.JoinMembers(ctx, db, config, log)
	if err != nil {
		return err
	}
	if err := members.Start(ctx, store.MembersHooks{}); err != nil {
		return err
	}
	q, err := New(Config{Hostname: host, Deliver: MX, Resolver: resolver.New(n.DNS, log), Port: n.Port,
		Members: members},
		mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, prometheus.NewRegistry()), db, blobs, log,
		prometheus.NewRegistry())
	if err != nil {
		return err
	}
	jobs := store.NewJobs(db, store.JobsConfig{Holder: members.Self().Holder()}, log)
	q.Handle(jobs)
	go jobs.Run(ctx)
	for !q.attempted() {
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// start runs the node as a process.
func (n otherNode) start(t *testing.T) *exec.Cmd {
	t.Helper()
	what, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asNode+"="+string(what)), os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

// beNode is the process of otherNode.start.
func beNode(what string) {
	var n otherNode
	err := json.NewDecoder(strings.NewReader(what)).Decode(&n)
	if err == nil {
		err = n.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		os.Exit(1)
	}
}

// A process is stopped in the middle of a transaction, counted as lost, and goes on after its mail was sent by another:
// the mail is sent once.
func TestStoppedProcess(t *testing.T) {
	database := storetest.MigratedURL(t)
	db := must(store.Open(t.Context(), database))(t)
	t.Cleanup(func() { db.Close() })
	far := newPeer(t, nil)
	come, let := held(far, func(int) error { return nil })
	config := lively
	config.Node = "other"
	members := must(store.JoinMembers(t.Context(), db, config, discard))(t)
	o := newOffice(t, db, Config{Members: members}, far)
	o.stop()
	node := otherNode{Database: database, Blobs: o.folder, DNS: o.dns, Port: far.port}.start(t)
	o.send(t, "carl@far.test")
	<-come
	node.Process.Signal(syscall.SIGSTOP)
	o.start(t, db, o.config)
	if err := members.Start(t.Context(), o.recovers()); err != nil {
		t.Fatal(err)
	}
	defer members.Close()
	eventually(t, "sent by the other node", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
	node.Process.Signal(syscall.SIGCONT)
	let()
	if err := node.Wait(); err != nil { // its attempt has ended
		t.Error(err)
	}
	if far.tries() != 2 || len(far.got()) != 1 {
		t.Errorf("%d transactions, taken %+v", far.tries(), far.got())
	}
}
