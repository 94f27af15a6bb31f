package main

import (
	"database/sql"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"frontdesk/store/storetest"
)

// cluster is a company on several nodes: real processes on one PostgreSQL database, one NATS server and one S3 store.
type cluster struct {
	nats     *natsServer
	database string
	db       *sql.DB // see sql
	nodes    map[string]*company
}

// startCluster starts the first node, which makes the company, and then the others.
func startCluster(t testing.TB, names ...string) *cluster {
	t.Helper()
	slow(t)
	c := &cluster{nats: startNATS(t), database: storetest.MigratedURL(t), nodes: map[string]*company{}}
	blobs := storetest.StartS3(t).URL("company")
	for _, name := range names {
		c.nodes[name] = startCompany(t, t.TempDir(), "--database", c.database, "--bus", c.nats.url(), "--blobs", blobs,
			"--node", name)
	}
	for _, name := range names {
		await(t, "the nodes at "+name, func() bool { return len(c.nodes[name].members()) == len(names) })
	}
	return c
}

// members are the nodes that are up, as one of them sees it.
func (c *company) members() (up []string) {
	var system struct{ Nodes []struct{ ID, State string } }
	c.api("GET", "/system", nil, &system)
	for _, n := range system.Nodes {
		if n.State == "up" {
			up = append(up, n.ID)
		}
	}
	return up
}

// signal sends a signal to the node's process.
func (c *company) signal(s syscall.Signal) { c.cmd.Process.Signal(s) }

// kill ends the node's process at once and waits until it is gone.
func (c *company) kill() {
	c.signal(syscall.SIGKILL)
	<-c.over
}

// natsServer is a NATS server that can be stopped and started on its port.
type natsServer struct {
	t    testing.TB
	port int
	*server.Server
}

func startNATS(t testing.TB) *natsServer {
	t.Helper()
	n := &natsServer{t: t, port: storetest.FreePort(t, "127.0.0.1")}
	n.start()
	t.Cleanup(func() { n.stop() })
	return n
}

func (n *natsServer) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", n.port) }

func (n *natsServer) start() {
	n.t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: n.port, NoSigs: true, NoLog: true})
	if err != nil {
		n.t.Fatal(err)
	}
	n.Server = s
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		n.t.Fatal("NATS does not start")
	}
}

func (n *natsServer) stop() {
	n.Shutdown()
	n.WaitForShutdown()
}
