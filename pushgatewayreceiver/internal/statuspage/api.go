package statuspage

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// The types below are the JSON that the package's documentation describes.
type (
	envelope struct {
		Status string `json:"status"`
		Data   any    `json:"data,omitempty"`
		Error  string `json:"error,omitempty"`
	}
	apiStatus struct {
		Receiver         string    `json:"receiver"`
		StartTime        time.Time `json:"start_time"`
		BuildInformation apiBuild  `json:"build_information"`
		Groups           apiKnown  `json:"groups"`
		Refusals         apiKnown  `json:"refusals"`
		Totals           apiTotals `json:"totals"`
		InFlight         apiFlight `json:"in_flight"`
		Held             *apiHeld  `json:"held"`
	}
	apiBuild struct {
		Version   string `json:"version"`
		GoVersion string `json:"goVersion"`
	}
	apiKnown struct {
		Known int `json:"known"`
		Max   int `json:"max"`
	}
	apiTotals struct {
		Accepted uint64 `json:"accepted"`
		Refused  uint64 `json:"refused"`
		Failed   uint64 `json:"failed"`
	}
	apiFlight struct {
		Pushes int64 `json:"pushes"`
		Bytes  int64 `json:"bytes"`
	}
	apiHeld struct {
		Groups    int64 `json:"groups"`
		Series    int64 `json:"series"`
		Bytes     int64 `json:"bytes"`
		MaxGroups int64 `json:"max_groups"`
		MaxSeries int64 `json:"max_series"`
		MaxBytes  int64 `json:"max_bytes"`
	}
	apiPushes struct {
		Page          int          `json:"page"`
		Limit         int          `json:"limit"`
		GroupsTotal   int          `json:"groups_total"`
		Groups        []apiGroup   `json:"groups"`
		RefusalsTotal int          `json:"refusals_total"`
		Refusals      []apiRefusal `json:"refusals"`
	}
	apiGroup struct {
		ID               string            `json:"id"`
		Job              string            `json:"job"`
		Labels           map[string]string `json:"labels"`
		LabelsLeftOut    int               `json:"labels_left_out"`
		KeyCut           bool              `json:"key_cut"`
		FirstPushTime    time.Time         `json:"first_push_time"`
		LastAcceptedTime *time.Time        `json:"last_accepted_time"`
		Pushes           apiTotals         `json:"pushes"`
		LastPush         apiPush           `json:"last_push"`
	}
	apiPush struct {
		Time              time.Time       `json:"time"`
		Client            string          `json:"client"`
		Method            string          `json:"method"`
		Format            string          `json:"format"`
		Encoding          string          `json:"encoding"`
		Samples           int             `json:"samples"`
		CompressedBytes   *int64          `json:"compressed_bytes"`
		UncompressedBytes *int64          `json:"uncompressed_bytes"`
		ReceiveSeconds    float64         `json:"receive_seconds"`
		DecodeSeconds     float64         `json:"decode_seconds"`
		ConsumeSeconds    float64         `json:"consume_seconds"`
		DurationSeconds   float64         `json:"duration_seconds"`
		Outcome           journal.Outcome `json:"outcome"`
		Cause             *apiCause       `json:"cause"`
	}
	apiCause struct {
		HTTPStatus int    `json:"http_status"`
		Reason     string `json:"reason"`
		Line       *int   `json:"line"`
		Message    string `json:"message"`
	}
	apiRefusal struct {
		Time          time.Time         `json:"time"`
		FirstTime     time.Time         `json:"first_time"`
		Count         uint64            `json:"count"`
		Client        string            `json:"client"`
		Method        string            `json:"method"`
		Path          *string           `json:"path"`
		GroupID       *string           `json:"group_id"`
		Job           string            `json:"job"`
		Labels        map[string]string `json:"labels"`
		LabelsLeftOut int               `json:"labels_left_out"`
		Cause         apiCause          `json:"cause"`
	}
)

func (p *Page) status() apiStatus {
	s := apiStatus{
		Receiver: p.options.Name, StartTime: apiTime(p.options.Started),
		BuildInformation: apiBuild{Version: p.options.Version, GoVersion: runtime.Version()},
		Groups:           apiKnown{Max: p.options.MaxGroups}, Refusals: apiKnown{Max: p.options.MaxRefusals},
		Totals: apiTotals(p.journal.Totals()),
	}
	s.Groups.Known, s.Refusals.Known = p.journal.Known()
	s.InFlight.Pushes, s.InFlight.Bytes = p.options.InFlight()
	if held := p.options.Held; held != nil {
		t := held.Store.Totals()
		s.Held = &apiHeld{
			Groups: t.Groups, Series: t.Samples, Bytes: t.Bytes,
			MaxGroups: held.Bounds.Groups, MaxSeries: held.Bounds.Samples, MaxBytes: held.Bounds.Bytes,
		}
	}
	return s
}

func (p *Page) servePushes(w http.ResponseWriter, req *http.Request) {
	data, err := p.pushes(req.URL.Query())
	if err != nil {
		writeEnvelope(w, req, http.StatusBadRequest, envelope{Status: "error", Error: err.Error()})
		return
	}
	writeJSON(w, req, data)
}

var errGroup = errors.New("group must be the id of a group: 16 hexadecimal digits")

func (p *Page) pushes(query url.Values) (apiPushes, error) {
	data := apiPushes{Groups: []apiGroup{}, Refusals: []apiRefusal{}}
	var err error
	if data.Page, err = numberParameter(query, "page", 1, maxPage); err != nil {
		return data, err
	}
	if data.Limit, err = numberParameter(query, "limit", pageSize, maxLimit); err != nil {
		return data, err
	}
	q := journal.Query{Job: query.Get("job"), Offset: (data.Page - 1) * data.Limit, Limit: data.Limit}
	if id := query.Get("group"); id != "" {
		var ok bool
		if q.Group, ok = parseID(id); !ok {
			return data, errGroup
		}
	}
	var groups []journal.Group
	groups, data.GroupsTotal = p.journal.Groups(q)
	for i := range groups {
		data.Groups = append(data.Groups, newAPIGroup(&groups[i]))
	}
	var refusals []journal.Refusal
	refusals, data.RefusalsTotal = p.journal.Refusals(q)
	for i := range refusals {
		data.Refusals = append(data.Refusals, newAPIRefusal(&refusals[i]))
	}
	return data, nil
}

func newAPIGroup(g *journal.Group) apiGroup {
	last := &g.Last
	group := apiGroup{
		ID: formatID(g.ID), Job: g.Job, Labels: apiLabels(g.Labels), LabelsLeftOut: g.LabelsLeftOut, KeyCut: g.Cut,
		FirstPushTime: apiTime(g.First), Pushes: apiTotals(g.Totals),
		LastPush: apiPush{
			Time: apiTime(last.At), Client: last.Client, Method: last.Method, Format: last.Format, Encoding: last.Encoding,
			Samples: last.Samples, CompressedBytes: known(last.CompressedBytes, -1), UncompressedBytes: known(last.UncompressedBytes, -1),
			ReceiveSeconds: last.Receive.Seconds(), DecodeSeconds: last.Decode.Seconds(), ConsumeSeconds: last.Consume.Seconds(),
			DurationSeconds: last.Total.Seconds(), Outcome: last.Outcome,
		},
	}
	if last.Outcome != journal.Accepted {
		cause := newAPICause(last.Cause)
		group.LastPush.Cause = &cause
	}
	if !g.LastAccepted.IsZero() {
		accepted := apiTime(g.LastAccepted)
		group.LastAcceptedTime = &accepted
	}
	return group
}

func newAPIRefusal(r *journal.Refusal) apiRefusal {
	refusal := apiRefusal{
		Time: apiTime(r.At), FirstTime: apiTime(r.First), Count: r.Count, Client: r.Client, Method: r.Method, Path: known(r.Path, ""),
		Job: r.Job, Labels: apiLabels(r.Labels), LabelsLeftOut: r.LabelsLeftOut, Cause: newAPICause(r.Cause),
	}
	if r.GroupID != 0 {
		id := formatID(r.GroupID)
		refusal.GroupID = &id
	}
	return refusal
}

func newAPICause(c journal.Cause) apiCause {
	return apiCause{HTTPStatus: c.Status, Reason: c.Reason, Line: known(c.Line, 0), Message: c.Message}
}

// known returns nil for the value that stands for none.
func known[T comparable](v, none T) *T {
	if v == none {
		return nil
	}
	return &v
}

func apiTime(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func apiLabels(labels []groupingkey.Label) map[string]string {
	m := make(map[string]string, len(labels))
	for _, l := range labels {
		m[l.Name] = l.Value
	}
	return m
}

func writeJSON(w http.ResponseWriter, req *http.Request, data any) {
	writeEnvelope(w, req, http.StatusOK, envelope{Status: "success", Data: data})
}

func writeEnvelope(w http.ResponseWriter, req *http.Request, status int, e envelope) {
	var body bytes.Buffer
	_ = json.NewEncoder(&body).Encode(e) // there is nothing in it that JSON cannot have
	setHeaders(w.Header(), "application/json", "no-store")
	write(w, req, status, body.Bytes())
}
