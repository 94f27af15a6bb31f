package webrtc

import "frontdesk/media"

// own makes an up known as the source of its track, for those who play it.
func (e *Endpoint) own(u *up) { e.ups.Store(u.track, u) }

// disown is called when the up is over.
func (e *Endpoint) disown(u *up) { e.ups.Delete(u.track) }

// source is the up of a browser's track in a meeting, nil for any other track.
func (e *Endpoint) source(t *media.Track) *up {
	if u, ok := e.ups.Load(t); ok {
		return u.(*up)
	}
	return nil
}
