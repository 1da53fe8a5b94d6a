package clients

import "slices"

// A property is a column of the page: something that a client may do.
type property struct {
	name   string
	column string
	part   part
	door   door
	// operation is push unless it says otherwise.
	operation string
	// grouping returns the grouping labels to push with, given the name of the client's own; nil: that label with value 7.
	grouping func(label string) []string
	env      []string
	// status is that of a push that is to be refused; 0: it is to arrive.
	status string
	// reason is a part of the text that says why it is refused; empty: the status says it all.
	reason string
	// only is the one client that this is about; empty: all.
	only string
	// hereOnly: the Pushgateway does not refuse that.
	hereOnly bool
}

// A part is a table of the page.
type part int

const (
	whatArrives part = iota
	howItIsSent
	whatIsTold
	notShown // in notes only
)

func value(v string) func(string) []string {
	return func(label string) []string { return []string{label, v} }
}

var properties = []property{
	{name: asPush, column: "push", part: whatArrives},
	{name: asAdd, column: "add", part: whatArrives, operation: "add"},
	{name: asDelete, column: "delete, with `on_delete: accept`", part: whatArrives, operation: "delete", door: deletesDoor},
	{name: withSlash, column: "`/var/tmp`", part: whatArrives, grouping: value("/var/tmp")},
	{name: withBlank, column: "`a b`", part: whatArrives, grouping: value("a b")},
	{name: withUTF8, column: "`Zürich`", part: whatArrives, grouping: value("Zürich")},
	{name: withEmpty, column: "empty value, last", part: whatArrives, grouping: value("")},
	{name: withEmptyInside, column: "empty value, not last", part: whatArrives, grouping: func(label string) []string {
		return []string{label, "", "run", "7"}
	}},

	{name: asText, column: "text", part: howItIsSent, env: []string{"PUSH_FORMAT=text"}},
	{name: asProtobuf, column: "protobuf", part: howItIsSent, env: []string{"PUSH_FORMAT=protobuf"}},
	{name: asGzip, column: "gzip", part: howItIsSent, env: []string{"PUSH_GZIP=1"}},
	{name: withCRLF, column: "lines that end in CR LF", part: howItIsSent, operation: "add", env: []string{"PUSH_CRLF=1"}},
	{name: withCRLFLenient, column: "the same, with `lenient: true`", part: howItIsSent, operation: "add", door: lenientDoor,
		env: []string{"PUSH_CRLF=1"}},
	{name: underPath, column: "address with a path", part: howItIsSent, door: prefixDoor},
	{name: withPassword, column: "user and password", part: howItIsSent, door: passwordDoor},
	{name: onDemand, column: "the same, sent when asked for", part: howItIsSent, door: passwordDoor, env: []string{"PUSH_ON_DEMAND=1"}},
	{name: overTLS, column: "TLS with an own CA", part: howItIsSent, door: tlsDoor},

	{name: encodedByHand, part: notShown, only: cppName, grouping: value("a%20b%2Fc")},

	{name: onRefusal, column: "400: push refused", part: whatIsTold, status: "400", reason: "label name", grouping: value2("__reserved", "x")},
	{name: onWrongPassword, column: "401: wrong password", part: whatIsTold, status: "401", door: passwordDoor,
		env: []string{"PUSH_USERNAME=" + username, "PUSH_PASSWORD=wrong"}},
	{name: onDelete405, column: "405: delete, by default", part: whatIsTold, status: "405", operation: "delete", hereOnly: true},
}

func value2(label, v string) func(string) []string {
	return func(string) []string { return []string{label, v} }
}

// of returns the properties of a table.
func (p part) properties() []property {
	return slices.DeleteFunc(slices.Clone(properties), func(candidate property) bool { return candidate.part != p })
}

// request is what the client is asked to do, with a job of its own.
func (p property) request(c client, job string, cr credentials) request {
	r := request{operation: p.operation, job: job, env: slices.Clone(p.env)}
	if r.operation == "" {
		r.operation = "push"
	}
	grouping := p.grouping
	if grouping == nil {
		grouping = value("7")
	}
	r.grouping = grouping(c.groupingLabel())
	if p.name == onRefusal && c.refused != nil {
		r.grouping, r.env = value("7")(c.groupingLabel()), c.refused
	}
	if p.status == "" && (p.door == passwordDoor || p.door == tlsDoor) {
		r.env = append(r.env, "PUSH_USERNAME="+username, "PUSH_PASSWORD="+password)
	}
	if p.door == tlsDoor {
		r.env = append(r.env, "PUSH_CA_FILE="+cr.file("cert.pem"), "SSL_CERT_FILE="+cr.file("cert.pem"))
	}
	return r
}
