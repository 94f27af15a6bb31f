package sip

import (
	"context"
	"errors"
	"fmt"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// final is how long a request waits for its answer at most (RFC 3261 §17.1.2.2, timer F).
const final = 32 * time.Second

var errNoAnswer = errors.New("no answer")

// ask sends a request other than INVITE and waits for its final response, answering digest challenges. make gives the request anew
// for each try, with a CSeq of its own.
func (s *Stack) ask(ctx context.Context, l *login, make func() *proto.Request) (*proto.Response, error) {
	for {
		req := make()
		l.sign(req)
		res, err := s.once(ctx, req)
		if err != nil || !l.accept(res) {
			return res, err
		}
	}
}

func (s *Stack) once(ctx context.Context, req *proto.Request) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, final)
	defer cancel()
	tx, err := s.begin(ctx, req, nil)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", req.Method, req.Destination(), err)
	}
	defer tx.Terminate()
	var last *proto.Response
	err = tx.follow(ctx, func(res *proto.Response) bool {
		last = res
		return !res.IsProvisional()
	})
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", req.Method, req.Destination(), err)
	}
	return last, nil
}
