package stack

import (
	"context"
	"fmt"
	"time"

	proto "github.com/emiago/sipgo/sip"
)

// Final is how long a request waits for its answer at most (RFC 3261 §17.1.2.2, timer F).
const Final = 32 * time.Second

// Ask sends a request other than INVITE and waits for its final response, answering digest challenges. make gives the
// request anew for each try, with a CSeq of its own.
func (s *Stack) Ask(ctx context.Context, l *Login, make func() *proto.Request) (*proto.Response, error) {
	for {
		req := make()
		l.Sign(req)
		res, err := s.Once(ctx, req)
		if err != nil || !l.Accept(res) {
			return res, err
		}
	}
}

func (s *Stack) Once(ctx context.Context, req *proto.Request) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, Final)
	defer cancel()
	tx, err := s.Begin(ctx, req, nil)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", req.Method, req.Destination(), err)
	}
	defer tx.Terminate()
	var last *proto.Response
	err = tx.Follow(ctx, func(res *proto.Response) bool {
		last = res
		return !res.IsProvisional()
	})
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", req.Method, req.Destination(), err)
	}
	return last, nil
}
