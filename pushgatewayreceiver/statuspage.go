package pushgatewayreceiver

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/receiver"
	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/statuspage"
)

// statusPage serves what there is to see, at the root and under path_prefix: at the receiver's endpoint, or at one of its own.
type statusPage struct {
	page    *statuspage.Page    // nil: there is none
	metrics *statuspage.Metrics // nil: nothing is held
	prefix  []string            // segments of path_prefix
	// guarded says that there is an authenticator before the page.
	guarded bool

	// For an endpoint of its own.
	config   *confighttp.ServerConfig // nil: it has none
	logger   *zap.Logger
	endpoint *endpoint // nil before start
}

// newStatusPage returns nil if there is nothing to see.
func newStatusPage(cfg *Config, r *pushgatewayReceiver, set receiver.Settings) *statusPage {
	settings := cfg.Settings.StatusPage.Get()
	if settings == nil && r.held == nil {
		return nil
	}
	p := &statusPage{prefix: r.router.prefix, guarded: cfg.ServerConfig.Auth.HasValue(), logger: r.logger}
	if r.held != nil {
		p.metrics = statuspage.NewMetrics(r.held.store)
	}
	if settings == nil {
		return p
	}
	options := statuspage.Options{
		Name:    set.ID.String(),
		Version: set.BuildInfo.Version,
		Started: time.Now(),
		InFlight: func() (pushes, bytes int64) {
			return r.reporter.inFlight.Load(), r.budget.inFlight()
		},
		MaxGroups:   settings.MaxGroups,
		MaxRefusals: settings.MaxRefusals,
		NoQuery:     !cfg.Settings.PushTimeMetrics || cfg.Settings.GroupingLabels == groupingLabelsResource,
		Held:        r.heldOnPage(settings.AllowDelete),
	}
	if settings.Server.HasValue() {
		server := settings.Server.Get().ServerConfig
		server.CompressionAlgorithms = []string{} // there are no bodies to decompress
		p.config, p.guarded = &server, server.Auth.HasValue()
		options.PushURL = r.pushURL
	}
	p.page = statuspage.New(r.reporter.journal, options)
	return p
}

// pushURL returns where to push to, for one who asks another endpoint.
func (r *pushgatewayReceiver) pushURL(req *http.Request) string {
	u := url.URL{Scheme: "http", Host: r.endpoint.listener.Addr().String()}
	if r.serverConfig.TLS.HasValue() {
		u.Scheme = "https"
	}
	if address, ok := r.endpoint.listener.Addr().(*net.TCPAddr); ok && address.IP.IsUnspecified() {
		here := url.URL{Host: req.Host}
		u.Host = net.JoinHostPort(here.Hostname(), strconv.Itoa(address.Port))
	}
	return u.String()
}

// isHere says whether there is something to see at the receiver's endpoint.
func (p *statusPage) isHere() bool { return p != nil && p.config == nil }

// start serves the page at its own endpoint, if it has one.
func (p *statusPage) start(ctx context.Context, host component.Host, settings component.TelemetrySettings) error {
	if p == nil || p.config == nil {
		return nil
	}
	challenge := challengeOf(p.config)
	server, err := p.config.ToServer(ctx, host.GetExtensions(), settings,
		http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if !p.serve(w, req) {
				answerFor(errNoPage).write(w)
			}
		}),
		confighttp.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, _ string, _ int) {
			answerFor(&authError{challenge: challenge}).write(w)
		}))
	if err != nil {
		return err
	}
	if p.endpoint, err = startEndpoint(ctx, host, p.config, server, p.logger); err != nil {
		return err
	}
	p.logger.Info("Serving the status page", zap.Stringer("address", p.endpoint.listener.Addr()))
	return nil
}

func (p *statusPage) shutdown(ctx context.Context) error {
	if p == nil {
		return nil
	}
	return p.endpoint.shutdown(ctx)
}

// serve returns false, and has written nothing, if the request is for something else.
func (p *statusPage) serve(w http.ResponseWriter, req *http.Request) bool {
	if req.Method != http.MethodGet && req.Method != http.MethodHead && req.Method != http.MethodPost {
		return false
	}
	path := escapedPath(req.URL)
	for _, prefix := range [...][]string{p.prefix, nil} {
		rest, ok := matchSegments(path, prefix...)
		if rest = strings.TrimLeft(rest, "/"); ok && p.serveAt(w, req, rest, rootOf(path, rest)) {
			return true
		}
	}
	return false
}

func (p *statusPage) serveAt(w http.ResponseWriter, req *http.Request, path, root string) bool {
	if req.Method == http.MethodPost && (p.page == nil || !p.page.IsDelete(path)) {
		return false
	}
	if p.isHere() {
		// cors is for those who push.
		w.Header().Del("Access-Control-Allow-Origin")
		w.Header().Del("Access-Control-Allow-Credentials")
	}
	rebound := !p.guarded && isRebound(req)
	switch {
	case path == statuspage.MetricsPath && p.metrics != nil && !rebound:
		p.metrics.Serve(w, req)
		return true
	case p.page == nil:
		return false
	case !rebound:
		return p.page.Serve(w, req, path, root)
	case path != "":
		return false
	}
	answerFor(errRebound).write(w)
	return true
}

// isRebound says whether a request to this machine's own address is for a name that is none of its own. Any web page can ask for such
// in a browser here, if its owner lets the name lead to 127.0.0.1 (DNS rebinding), and read the answer.
func isRebound(req *http.Request) bool {
	local, ok := req.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return false
	}
	host := (&url.URL{Host: req.Host}).Hostname()
	ip := net.ParseIP(host)
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && (ip == nil || !ip.IsLoopback())
}

// rootOf returns the relative URL from a path to the page's root, of which rest is what follows.
func rootOf(path, rest string) string {
	switch {
	case rest != "":
		return "./" + strings.Repeat("../", strings.Count(rest, "/"))
	case path == "" || strings.HasSuffix(path, "/"):
		return "./"
	default:
		return "." + path[strings.LastIndexByte(path, '/'):] + "/" // without the dot, a colon in it would end a scheme
	}
}
