package smtpd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func BenchmarkAccept(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) { benchmarkAccept(b, engine.open(b)) })
	}
}

// 20 connections send 10 KB mails; each is on disk before it is answered.
func benchmarkAccept(b *testing.B, db *store.DB) {
	o := newOffice(b, db, Config{Limits: Limits{MailPerMinute: -1}})
	body := strings.Repeat(strings.Repeat("x", 98)+"\r\n", 100)
	var wg sync.WaitGroup
	work := make(chan int)
	errs := make(chan error, 20)
	for range 20 {
		wg.Go(func() { errs <- sendAll(o.mx, body, work) })
	}
	b.ResetTimer()
	for i := range b.N {
		work <- i
	}
	close(work)
	wg.Wait()
	b.StopTimer()
	for range 20 {
		if err := <-errs; err != nil {
			b.Error(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}

func sendAll(address, body string, work <-chan int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	if _, err := lastLine(r); err != nil {
		return err
	}
	fmt.Fprintf(conn, "EHLO x\r\n")
	if _, err := lastLine(r); err != nil {
		return err
	}
	var failed error
	for i := range work {
		if failed == nil {
			failed = sendOne(conn, r, i, body)
		}
	}
	return failed
}

func sendOne(conn net.Conn, r *bufio.Reader, i int, body string) error {
	fmt.Fprintf(conn, "MAIL FROM:<a@b.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\n")
	for range 3 {
		if line, err := lastLine(r); err != nil || line[0] > '3' {
			return errors.Join(err, errors.New(line))
		}
	}
	fmt.Fprintf(conn, "From: a@b.test\r\nSubject: %d\r\nMessage-ID: <%d@b.test>\r\n\r\n%s.\r\n", i, i, body)
	line, err := lastLine(r)
	if err != nil || !strings.HasPrefix(line, "250") {
		return errors.Join(err, context.Canceled, errors.New(line))
	}
	return nil
}
