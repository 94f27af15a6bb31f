package blob

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const (
	dialTimeout  = 3 * time.Second  // an address that doesn't answer
	stallTimeout = 15 * time.Second // a connection on which nothing moves
	restTime     = 5 * time.Second  // a lost endpoint is left alone for so long
	rounds       = 2                // an idle connection may have died: that alone must not fail a request
)

// endpoint is one address of the store.
type endpoint struct {
	*minio.Core
	host  string
	wakes atomic.Int64 // 0: it answered; else lost, and when one request tries it again (µs)
}

func newEndpoint(host string, c S3Config) (*endpoint, error) {
	client, err := minio.NewCore(host, &minio.Options{
		Creds: credentials.NewStaticV4(c.Access, c.Secret, ""), Secure: c.TLS, Region: c.Region,
		Transport: newTransport(), MaxRetries: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("endpoint %q: %w", host, err)
	}
	return &endpoint{Core: client, host: host}, nil
}

func newTransport() *http.Transport {
	dialer := net.Dialer{Timeout: dialTimeout}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &movingConn{conn}, nil
		},
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     stallTimeout / 2,
		DisableCompression:  true,
	}
}

// movingConn breaks when nothing moved on it for stallTimeout, in either direction: large contents may take their time,
// a dead peer may not.
type movingConn struct{ net.Conn }

func (c *movingConn) Read(p []byte) (int, error) {
	c.SetDeadline(time.Now().Add(stallTimeout))
	return c.Conn.Read(p)
}

func (c *movingConn) Write(p []byte) (int, error) {
	c.SetDeadline(time.Now().Add(stallTimeout))
	return c.Conn.Write(p)
}

// ready tells whether to try it before those that were lost: it is not lost, or this caller is the one who looks.
func (e *endpoint) ready(now time.Time) bool {
	wakes := e.wakes.Load()
	return wakes == 0 || now.UnixMicro() >= wakes && e.wakes.CompareAndSwap(wakes, now.Add(restTime).UnixMicro())
}

// lose has others tried first for a while.
func (e *endpoint) lose() { e.wakes.Store(time.Now().Add(restTime).UnixMicro()) }

// endpoints are the addresses of one store, the preferred first.
type endpoints []*endpoint

// order is the endpoints as they are tried: those that answer in the order of the configuration, then the lost ones.
func (all endpoints) order() []*endpoint {
	var ready, lost []*endpoint
	for _, e := range all {
		if e.ready(time.Now()) {
			ready = append(ready, e)
		} else {
			lost = append(lost, e)
		}
	}
	return append(ready, lost...)
}

// try runs do with one endpoint after the other until one answers, be it with an error of its own.
func (all endpoints) try(ctx context.Context, do func(e *endpoint) error) error {
	var last error
	for range rounds {
		for _, e := range all.order() {
			err := do(e)
			switch {
			case err == nil || answered(err):
				e.wakes.Store(0)
				return err
			case errors.Is(ctx.Err(), context.Canceled): // says nothing about the endpoint
				return err
			}
			e.lose()
			last = fmt.Errorf("%w: %s: %w", ErrAway, e.host, err)
			if ctx.Err() != nil {
				return last
			}
		}
	}
	return last
}

// answered tells an answer of the store from trouble on the way to it or within it.
func answered(err error) bool {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	return answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests &&
		answer.StatusCode != http.StatusRequestTimeout
}
