package web

import "context"

func (s *Server) listOwnSessions(ctx context.Context, _ *none) (Page[OwnSession], error) {
	c := callerOf(ctx)
	return list(s.gate.sessions.of(ctx, c.ID, c.session))
}

// endOwnSession logs one browser of the user out.
func (s *Server) endOwnSession(ctx context.Context, in *ByID) error {
	id, err := s.gate.sessions.whole(ctx, callerOf(ctx).ID, in.ID)
	if err != nil {
		return err
	}
	if err := s.gate.sessions.end(ctx, id); err != nil {
		return err
	}
	s.hub.endSession(id)
	return nil
}

// endOtherSessions logs the user out everywhere but here.
func (s *Server) endOtherSessions(ctx context.Context, _ *none) error {
	c := callerOf(ctx)
	return s.logOut(ctx, c.ID, c.session)
}
