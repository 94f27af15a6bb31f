package main

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/testwait"
)

// meter reads what a cluster's work costs.
type meter struct {
	b *testing.B
	c *cluster

	// messages to a tab whose user has no part in the work and which shows no colleagues: every tab gets those
	toAll atomic.Int64

	idle cost // per second, while nothing is asked of the nodes
	from cost
	at   time.Time
}

// cost is a reading, or the difference of two.
type cost struct {
	writes   float64 // transactions that wrote
	log      float64 // bytes of the write-ahead log
	size     float64 // bytes of the database's files
	messages float64 // published on the bus
	toAll    float64 // messages that every tab gets
	nodes    float64 // seconds of CPU of all nodes
	database float64 // seconds of CPU of the database's server
}

func (u cost) minus(v cost) cost {
	return cost{u.writes - v.writes, u.log - v.log, u.size - v.size, u.messages - v.messages, u.toAll - v.toAll,
		u.nodes - v.nodes, u.database - v.database}
}

func (u cost) times(k float64) cost {
	return cost{u.writes * k, u.log * k, u.size * k, u.messages * k, u.toAll * k, u.nodes * k, u.database * k}
}

// newMeter learns what the cluster costs while it is idle.
func newMeter(b *testing.B, c *cluster) *meter {
	b.Helper()
	m := &meter{b: b, c: c}
	bystander := openTab(b, slices.Collect(maps.Values(c.nodes))[0].HTTP, "olga")
	go func() {
		for told := range bystander {
			if told.Ev == "presence" || told.Ev == "changed" {
				m.toAll.Add(1)
			}
		}
	}()
	before, began := m.read(), time.Now()
	// until each node has told five times more that it lives; the server counts, so that to ask costs next to nothing
	sign := value[int64](b, c, `SELECT max(seen_at) FROM node`)
	testwait.Until(b, "five signs of life of each node", func() bool {
		last := value[int64](b, c, `SELECT min(seen_at) FROM node, pg_sleep(0.2) WHERE state = 'up'`)
		return last >= sign+(5*time.Second).Microseconds()
	})
	m.idle = m.read().minus(before).times(1 / time.Since(began).Seconds())
	return m
}

func (m *meter) start() { m.from, m.at = m.read(), time.Now() }

// spent is the cost since start, without what is spent while idle.
func (m *meter) spent() cost {
	return m.read().minus(m.from).minus(m.idle.times(time.Since(m.at).Seconds()))
}

// report what each of n pieces of work cost since start.
func (m *meter) report(n int, of string) {
	u := m.spent()
	m.b.ReportMetric(u.writes/float64(n), "writes/"+of)
	m.b.ReportMetric(u.log/float64(n), "wal-B/"+of)
	m.b.ReportMetric(u.size/float64(n), "db-B/"+of)
	m.b.ReportMetric(u.messages/float64(n), "bus-msgs/"+of)
	m.b.ReportMetric(u.toAll/float64(n), "to-all-tabs/"+of)
	m.b.ReportMetric(1000*u.nodes/float64(n), "node-cpu-ms/"+of)
	m.b.ReportMetric(1000*u.database/float64(n), "db-cpu-ms/"+of)
	m.b.ReportMetric(0, "ns/op")
	reportLoad(m.b)
}

func (m *meter) read() (u cost) {
	m.b.Helper()
	var backend int
	err := m.c.sql(m.b).QueryRow(`SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, pg_database_size(current_database()), pg_backend_pid()`).
		Scan(&u.writes, &u.log, &u.size, &backend)
	if err != nil {
		m.b.Fatal(err)
	}
	bus, err := m.c.nats.Varz(nil)
	if err != nil {
		m.b.Fatal(err)
	}
	u.messages, u.toAll = float64(bus.InMsgs), float64(m.toAll.Load())
	for _, n := range m.c.nodes {
		u.nodes += process(m.b, n.cmd.Process.Pid).cpu
	}
	u.database = m.family(process(m.b, backend).parent)
	return u
}

// family is the CPU of a process's children, those that ended included.
func (m *meter) family(parent int) (seconds float64) {
	seconds = process(m.b, parent).children
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if p := process(m.b, pid); p.parent == parent {
			seconds += p.cpu
		}
	}
	return seconds
}

// sql is the company's database.
func (c *cluster) sql(b testing.TB) *sql.DB {
	b.Helper()
	if c.db == nil {
		var err error
		if c.db, err = sql.Open("pgx", c.database); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.db.Close() })
	}
	return c.db
}

// value asks the database for one.
func value[T any](b testing.TB, c *cluster, query string) (v T) {
	b.Helper()
	if err := c.sql(b).QueryRow(query).Scan(&v); err != nil {
		b.Fatal(err)
	}
	return v
}

// stat is what the kernel tells of a process; of one that ended meanwhile nothing.
type stat struct {
	parent        int
	cpu, children float64 // seconds
}

func process(b *testing.B, pid int) (s stat) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])) // from field 3, the state, on
	number := func(field int) float64 { n, _ := strconv.ParseFloat(fields[field-3], 64); return n }
	const ticks = 100 // a second, on all that Linux calls USER_HZ
	return stat{int(number(4)), (number(14) + number(15)) / ticks, (number(16) + number(17)) / ticks}
}

// reportLoad tells how busy the machine was: tails come from it.
func reportLoad(b *testing.B) {
	var load float64
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Sscan(string(text), &load)
	}
	b.ReportMetric(load, "load")
}
