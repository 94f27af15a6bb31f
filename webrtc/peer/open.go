package peer

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	media "frontdesk/media/net"
)

// Open binds the sockets. The caller closes the Transport, once its peers are closed.
func Open(c Config, log *slog.Logger, reg prometheus.Registerer) (*Transport, error) {
	t := &Transport{log: log, network: c.Network, shared: c.Network != nil, directs: newDirects()}
	t.life, t.end = context.WithCancel(context.Background())
	if !t.shared {
		t.network = media.New()
	}
	t.settings.LoggerFactory = Log(log)
	err := t.bind(c)
	if err == nil {
		err = t.configure(c)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	t.metrics = newMetrics(reg, t.directs)
	t.tasks.Go(t.beats)
	return t, nil
}
