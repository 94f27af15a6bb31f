package web

import "context"
import "frontdesk/web/api"

func (s *Server) listOwnSessions(ctx context.Context, _ *api.None) (api.Page[api.OwnSession], error) {
	c := api.CallerOf(ctx)
	return api.List(s.gate.Sessions.Of(ctx, c.ID, c.Session))
}

// endOwnSession logs one browser of the user out.
func (s *Server) endOwnSession(ctx context.Context, in *api.ByID) error {
	id, err := s.gate.Sessions.Whole(ctx, api.CallerOf(ctx).ID, in.ID)
	if err != nil {
		return err
	}
	if err := s.gate.Sessions.End(ctx, id); err != nil {
		return err
	}
	s.hub.EndSession(id)
	return nil
}

// endOtherSessions logs the user out everywhere but here.
func (s *Server) endOtherSessions(ctx context.Context, _ *api.None) error {
	c := api.CallerOf(ctx)
	return s.logOut(ctx, c.ID, c.Session)
}
