package webrtc

import "frontdesk/media"

// own makes an up known as the source of its track, for those who play it.
func (e *Endpoint) own(u *up) {
	if u.cache != nil {
		e.caches.Store(u.track, u.cache)
	}
}

// disown is called when the up is over.
func (e *Endpoint) disown(u *up) { e.caches.Delete(u.track) }

// cacheOf is the cache of a browser's video track, nil for any other.
func (e *Endpoint) cacheOf(t *media.Track) *cache {
	if c, ok := e.caches.Load(t); ok {
		return c.(*cache)
	}
	return nil
}
