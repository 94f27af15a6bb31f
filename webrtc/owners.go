package webrtc

import (
	"frontdesk/media"
	"frontdesk/webrtc/sfu"
)

// own makes an up known as the source of its track, for those who play it.
func (e *Endpoint) own(u *sfu.Up) { e.ups.Store(u.Track, u) }

// disown is called when the up is over.
func (e *Endpoint) disown(u *sfu.Up) { e.ups.Delete(u.Track) }

// source is the up of a browser's track in a meeting, nil for any other track.
func (e *Endpoint) source(t *media.Track) *sfu.Up {
	if u, ok := e.ups.Load(t); ok {
		return u.(*sfu.Up)
	}
	return nil
}
