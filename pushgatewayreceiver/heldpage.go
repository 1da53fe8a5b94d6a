package pushgatewayreceiver

import (
	"net/http"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/statuspage"
)

// heldOnPage returns what the status page shows of the groups that are held, or nil if none are.
func (r *pushgatewayReceiver) heldOnPage(allowDelete bool) *statuspage.Held {
	if r.held == nil {
		return nil
	}
	held := &statuspage.Held{Store: r.held.store, Bounds: r.held.settings.bounds(), TTL: r.held.settings.TTL}
	if allowDelete {
		held.Delete = r.deleteFromPage
	}
	return held
}

// deleteFromPage does what DELETE does.
func (r *pushgatewayReceiver) deleteFromPage(req *http.Request, key groupingkey.Key) *statuspage.Problem {
	err := r.deleteHeld(req.Context(), key)
	if err == nil {
		return nil
	}
	a := answerFor(err)
	r.reporter.refused(req, nil, a, err)
	return &statuspage.Problem{Status: a.status, Message: a.message}
}
