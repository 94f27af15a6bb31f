package web

import "frontdesk/guard"

// newLiveServer makes the server; it hears the other nodes from listen to close.
func newLiveServer(deps liveDeps) *liveServer {
	d := &liveServer{liveDeps: deps, knocks: guard.NewRates[string](knockRate(), maxKnockers)}
	d.do = d.liveDo
	return d
}

// listen hears the other nodes, and the hub, for tabs that leave.
func (d *liveServer) listen() error {
	d.Hub.AtGone(d.Calls.SocketGone)
	stop, err := d.Bus.Subscribe(putOutSubject, d.onPutOut)
	if err != nil {
		return err
	}
	d.stops = append(d.stops, stop)
	return d.answerNodes()
}

func (d *liveServer) close() {
	for _, stop := range d.stops {
		stop()
	}
}
