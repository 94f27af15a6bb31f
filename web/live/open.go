// Package live holds the sockets of browser tabs: what they are told (Hub), and what they ask for (Server).
package live

import "frontdesk/guard"

// New makes the server; it hears the other nodes from listen to close.
func New(deps Deps) *Server {
	d := &Server{Deps: deps, knocks: guard.NewRates[string](knockRate(), maxKnockers)}
	d.do = d.liveDo
	return d
}

// Listen hears the other nodes, and the hub, for tabs that leave.
func (d *Server) Listen() error {
	d.Hub.AtGone(d.Calls.SocketGone)
	stop, err := d.Bus.Subscribe(putOutSubject, d.onPutOut)
	if err != nil {
		return err
	}
	d.stops = append(d.stops, stop)
	return d.answerNodes()
}

func (d *Server) Close() {
	for _, stop := range d.stops {
		stop()
	}
}

// answerNodes serves what the other nodes ask of this one.
func (d *Server) answerNodes() error {
	for subject, answer := range map[string]func([]byte) (any, error){
		operateSubject(d.Node): d.operateForNode,
		runningSubject(d.Node): d.runningForNode,
		hangupSubject(d.Node):  d.hangupForNode,
		knockSubject(d.Node):   d.knockForNode,
	} {
		stop, err := d.Bus.Answer(subject, answer)
		if err != nil {
			return err
		}
		d.stops = append(d.stops, stop)
	}
	return nil
}
